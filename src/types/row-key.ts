import { canonicalKeyText } from './canonical-key-text.ts';
import type { Datum } from './datum.ts';
import type { SqlType } from './sql-type.ts';

/** Identity of values under GROUP BY, DISTINCT, PARTITION BY and set operations, where NULLs are alike. */
export function rowKey(types: readonly SqlType[], values: readonly (Datum | null)[]): string {
  if (values.length === 1) return valueKey(types[0]!, values[0] ?? null);
  let key = '';
  for (let i = 0; i < values.length; i++) {
    const part = valueKey(types[i]!, values[i] ?? null);
    key += `${part.length}:${part}`;
  }
  return key;
}

/** Short for the kinds whose text tells values apart; the canonical form for all others. */
function valueKey(type: SqlType, value: Datum | null): string {
  if (value === null) return 'N';
  switch (type.kind) {
    case 'int2':
    case 'int4':
    case 'int8':
    case 'oid':
    case 'date':
    case 'timestamp':
    case 'timestamptz':
    case 'bool':
      return String(value);
    case 'text':
    case 'varchar':
    case 'name':
      return `'${value as string}`;
    default:
      return canonicalKeyText([type], [value]);
  }
}
