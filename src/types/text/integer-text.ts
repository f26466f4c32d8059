import { invalidTextError, textOutOfRangeError } from '../type-error.ts';

const DECIMAL_PATTERN = /^\s*([+-]?\d+(?:_\d+)*)\s*$/;
const RADIX_PATTERN = /^\s*([+-]?)(0[xX](?:_?[0-9a-fA-F]+)+|0[oO](?:_?[0-7]+)+|0[bB](?:_?[01]+)+)\s*$/;

export interface IntegerRange {
  readonly typeName: string;
  readonly min: bigint;
  readonly max: bigint;
}

export const INT2_RANGE: IntegerRange = { typeName: 'smallint', min: -32_768n, max: 32_767n };
export const INT4_RANGE: IntegerRange = { typeName: 'integer', min: -(2n ** 31n), max: 2n ** 31n - 1n };
export const INT8_RANGE: IntegerRange = { typeName: 'bigint', min: -(2n ** 63n), max: 2n ** 63n - 1n };

/** Decimal, hexadecimal, octal or binary integer with underscores between digits; 22P02 or 22003. */
export function parseInteger(text: string, range: IntegerRange): bigint {
  const value = scanInteger(text);
  if (value === null) throw invalidTextError(range.typeName, text);
  if (value < range.min || value > range.max) throw textOutOfRangeError(range.typeName, text);
  return value;
}

/** Oids are unsigned; a negative number is taken modulo 2^32, as PostgreSQL does. */
export function parseOid(text: string, typeName: string): number {
  const value = scanInteger(text);
  if (value === null) throw invalidTextError(typeName, text);
  if (value < INT4_RANGE.min || value > 0xffffffffn) throw textOutOfRangeError(typeName, text);
  return Number(value < 0n ? value + 0x1_0000_0000n : value);
}

function scanInteger(text: string): bigint | null {
  const decimal = DECIMAL_PATTERN.exec(text);
  if (decimal !== null) return BigInt(decimal[1]!.replaceAll('_', '').replace(/^\+/, ''));
  const radix = RADIX_PATTERN.exec(text);
  if (radix === null) return null;
  const value = BigInt(radix[2]!.replaceAll('_', ''));
  return radix[1] === '-' ? -value : value;
}
