import { canonicalDatum } from './canonical-key.ts';
import type { Datum } from './datum.ts';
import type { SqlType } from './sql-type.ts';

/**
 * A text that is equal exactly for lists of values that are alike in GROUP BY, DISTINCT and unique keys (1.0 and 1.00, -0 and 0, NULL and NULL). For maps
 * of the control plane; the data plane compares canonical key bytes.
 */
export function canonicalKeyText(types: readonly SqlType[], values: readonly (Datum | null)[]): string {
  return JSON.stringify(
    values.map((value, index) => (value === null ? null : canonicalDatum(types[index]!, value))),
    replaceForKey,
  );
}

function replaceForKey(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex') };
  if (typeof value === 'number' && !Number.isFinite(value)) return { number: String(value) };
  return value;
}
