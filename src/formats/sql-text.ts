import { isUtf8 } from 'node:buffer';

/** True for bytes a text value may have: well-formed UTF-8 without U+0000. */
export function isSqlText(bytes: Uint8Array): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}
