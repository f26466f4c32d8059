import { SqlError, SqlState } from '../../base/index.ts';
import { invalidTextError } from '../type-error.ts';

const FLOAT_PATTERN = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*$/;
const WORDS: Record<string, number> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  '+infinity': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
};
/** Decimal exponents from which PostgreSQL's shortest form turns to scientific notation. */
const FLOAT8_EXPONENT_MAX = 15;
const FLOAT4_EXPONENT_MAX = 6;
const FIXED_EXPONENT_MIN = -4;

export function parseFloat8(text: string): number {
  return scan(text, 'double precision', (value) => value);
}

export function parseFloat4(text: string): number {
  return scan(text, 'real', Math.fround);
}

/** Shortest text that reads back as the same double; with `extraFloatDigits` <= 0, 15 plus that many significant digits. */
export function formatFloat8(value: number, extraFloatDigits = 1): string {
  if (!Number.isFinite(value)) return String(value);
  if (extraFloatDigits > 0) {
    // Between these JavaScript writes what PostgreSQL does: the shortest digits, without an exponent.
    const size = Math.abs(value);
    if (size >= 1e-4 && size < 1e15) return String(value);
    return layout(value, value.toExponential(), FLOAT8_EXPONENT_MAX);
  }
  return general(value, Math.max(1, 15 + extraFloatDigits));
}

export function formatFloat4(value: number, extraFloatDigits = 1): string {
  if (!Number.isFinite(value)) return String(value);
  if (extraFloatDigits <= 0) return general(value, Math.max(1, 6 + extraFloatDigits));
  for (let digits = 0; digits < 9; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value) return layout(value, text, FLOAT4_EXPONENT_MAX);
  }
  return layout(value, value.toExponential(8), FLOAT4_EXPONENT_MAX);
}

function scan(text: string, typeName: string, narrow: (value: number) => number): number {
  const match = FLOAT_PATTERN.exec(text);
  if (match === null) {
    const word = WORDS[text.trim().toLowerCase()];
    if (word === undefined) throw invalidTextError(typeName, text);
    return word;
  }
  const exact = Number(match[1]);
  const value = narrow(exact);
  // A number that becomes infinite or zero on the way has left the type's range.
  if (!Number.isFinite(value) || (value === 0 && /[1-9]/.test(match[1]!.replace(/[eE].*$/, '')))) {
    throw new SqlError({ code: SqlState.numericValueOutOfRange, message: `"${text.trim()}" is out of range for type ${typeName}` });
  }
  return value;
}

function layout(value: number, exponential: string, exponentMax: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [significand, exponentText] = exponential.split('e') as [string, string];
  const exponent = Number(exponentText);
  if (exponent < FIXED_EXPONENT_MIN || exponent >= exponentMax) return `${significand}e${exponentPart(exponent)}`;
  const negative = significand.startsWith('-');
  const digits = significand.replace('-', '').replace('.', '');
  const sign = negative ? '-' : '';
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return sign + digits.padEnd(exponent + 1, '0');
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** C's %g. */
function general(value: number, digits: number): string {
  const [significand, exponentText] = value.toExponential(digits - 1).split('e') as [string, string];
  const trimmed = significand.includes('.') ? significand.replace(/\.?0+$/, '') : significand;
  return layout(value, `${trimmed}e${exponentText}`, digits);
}

function exponentPart(exponent: number): string {
  return `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
