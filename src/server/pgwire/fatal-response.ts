import type { SqlError } from '../../base/index.ts';
import { writeErrorResponse } from './error-fields.ts';
import { WireBuffer } from './wire-buffer.ts';

/** The message that ends a connection. */
export function fatalResponse(error: SqlError): Uint8Array {
  const buffer = new WireBuffer();
  writeErrorResponse(buffer, error, { severity: 'FATAL', text: null });
  return buffer.bytes.slice(0, buffer.position);
}
