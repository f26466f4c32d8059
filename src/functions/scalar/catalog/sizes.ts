import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import {
  absDecimal,
  type Decimal,
  decimalFromInteger,
  decimalToApproximate,
  formatDecimal,
  multiplyDecimals,
  parseDecimal,
  roundDecimal,
} from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;
/** A number moves to the next unit when it would have more than this many. */
const UNIT_LIMIT = 10n * 1024n;
const NEXT_LIMIT = 20n * 1024n - 1n;
const RELATION_SIZES = ['pg_relation_size', 'pg_table_size', 'pg_total_relation_size', 'pg_indexes_size'] as const;

/** Sizes. Relations lie in memory and segments shared by many, so that a relation's size on disk is 0. */
export const sizeFunctions: readonly FunctionDefinition[] = [
  defineFunction<[bigint]>({
    signature: 'pg_size_pretty(int8) -> text',
    family: 'catalog',
    description: 'A number of bytes with a unit',
    examples: [
      ['pg_size_pretty(1048576::bigint)', '1024 kB'],
      ['pg_size_pretty(10240::bigint)', '10 kB'],
    ],
    evaluate: ([bytes]) => pretty(bytes),
  }),
  defineFunction<[Decimal]>({
    signature: 'pg_size_pretty(numeric) -> text',
    family: 'catalog',
    description: 'A number of bytes with a unit',
    examples: [['pg_size_pretty(1048576.0)', '1024 kB']],
    evaluate: ([bytes]) => {
      const small = Math.abs(decimalToApproximate(absDecimal(bytes))) < Number(UNIT_LIMIT);
      return small || bytes.special !== undefined ? `${formatDecimal(bytes)} bytes` : pretty(roundDecimal(bytes, 0).mantissa);
    },
  }),
  defineFunction<[string]>({
    signature: 'pg_size_bytes(text) -> int8',
    family: 'catalog',
    description: 'A number of bytes given with a unit',
    examples: [
      ["pg_size_bytes('1 GB')", '1073741824'],
      ["pg_size_bytes(' 1.5kB ')", '1536'],
    ],
    fallible: true,
    evaluate: ([text]) => bytesOf(text),
  }),
  ...RELATION_SIZES.map((name) =>
    defineFunction<[number]>({
      signature: `${name}(regclass) -> int8`,
      family: 'catalog',
      description: 'Bytes on disk of a relation by itself: 0, because segments are shared',
      examples: [[`coalesce(${name}(0::oid::regclass), 0)`, '0']],
      volatility: 'stable',
      evaluate: () => 0n,
    }),
  ),
  defineFunction<[string]>({
    signature: 'pg_database_size(name) -> int8',
    family: 'catalog',
    description: 'Bytes on disk of a database as far as known: 0',
    examples: [['pg_database_size(current_database()) >= 0', 't']],
    volatility: 'stable',
    evaluate: () => 0n,
  }),
];

const SIZE = /^\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?)\s*([a-z]*)\s*$/i;

/** Errors: 22023 for what is no size, with the units there are; 22003 for one beyond bigint. */
function bytesOf(text: string): bigint {
  const [, number, unit = ''] = SIZE.exec(text) ?? [];
  const power = unit === '' || unit.toLowerCase() === 'b' ? 0 : UNITS.findIndex((known) => known.toLowerCase() === unit.toLowerCase());
  if (number === undefined || power < 0) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: `invalid size: "${text}"`,
      ...(number !== undefined && {
        detail: `Invalid size unit: "${unit}".`,
        hint: 'Valid units are "bytes", "B", "kB", "MB", "GB", "TB", and "PB".',
      }),
    });
  }
  const bytes = roundDecimal(multiplyDecimals(parseDecimal(number), decimalFromInteger(1024n ** BigInt(power))), 0).mantissa;
  if (BigInt.asIntN(64, bytes) !== bytes) throw new SqlError({ code: SqlState.numericValueOutOfRange, message: 'bigint out of range' });
  return bytes;
}

/** PostgreSQL's rule: up to 10240 of a unit, then the next, halves rounded up. */
function pretty(bytes: bigint): string {
  const magnitude = bytes < 0n ? -bytes : bytes;
  if (magnitude < UNIT_LIMIT) return `${bytes} bytes`;
  // One bit more than the unit is kept, to round by.
  let size = bytes / 512n;
  for (let unit = 1; ; unit++) {
    const absolute = size < 0n ? -size : size;
    if (absolute < NEXT_LIMIT || unit === UNITS.length - 1) {
      const rounded = (absolute + 1n) / 2n;
      return `${size < 0n ? -rounded : rounded} ${UNITS[unit]}`;
    }
    size /= 1024n;
  }
}
