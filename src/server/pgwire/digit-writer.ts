import type { WireBuffer } from './wire-buffer.ts';

/**
 * Numbers and times as ASCII digits straight into a buffer. Every function needs its bytes reserved by the caller (20 for an integer,
 * 32 for a time or a decimal) and works on doubles that are safe integers.
 */

const ZERO = 48;
const MINUS = 45;
const POINT = 46;

/** An integer of at most 2^53 in size. */
export function writeInteger(out: WireBuffer, value: number): void {
  const bytes = out.bytes;
  let rest = value;
  if (rest < 0) {
    bytes[out.position++] = MINUS;
    rest = -rest;
  }
  // Nine digits at a time keep the divisions in 32-bit integers, which are several times cheaper than those of doubles.
  if (rest >= 1e9) {
    const high = Math.floor(rest / 1e9);
    writeInteger(out, high);
    writePadded(out, rest - high * 1e9, 9);
    return;
  }
  let small = rest | 0;
  const width = digitCount(small);
  let at = out.position + width;
  out.position = at;
  do {
    const quotient = (small / 10) | 0;
    bytes[--at] = ZERO + small - quotient * 10;
    small = quotient;
  } while (small > 0);
}

function digitCount(value: number): number {
  if (value < 10) return 1;
  if (value < 100) return 2;
  if (value < 1000) return 3;
  if (value < 10_000) return 4;
  if (value < 100_000) return 5;
  if (value < 1_000_000) return 6;
  if (value < 10_000_000) return 7;
  return value < 100_000_000 ? 8 : 9;
}

/** `value` (below 10^9) with leading zeros, exactly `width` digits. */
function writePadded(out: WireBuffer, value: number, width: number): void {
  let small = value | 0;
  let at = out.position + width;
  out.position = at;
  for (let digit = 0; digit < width; digit++) {
    const quotient = (small / 10) | 0;
    out.bytes[--at] = ZERO + small - quotient * 10;
    small = quotient;
  }
}

const SHORT_DECIMALS = 4;
const SHORT_SCALE = 10 ** SHORT_DECIMALS;
/** Below it, value and decimals have at most 15 digits together. */
const SHORT_LIMIT = 1e15 / SHORT_SCALE;

/**
 * A double that is a number of at most four decimals, such as an amount of money; false, and nothing written, for any other. A decimal of at most
 * 15 digits is read back as the double it was rounded to, and no other of that length is: so these are the digits of the shortest text.
 */
export function writeShortDecimal(out: WireBuffer, value: number): boolean {
  const size = Math.abs(value);
  // Also false for NaN, and for -0, which has a sign.
  if (!(size > 0 && size < SHORT_LIMIT)) return false;
  const scaled = Math.round(size * SHORT_SCALE);
  if (scaled / SHORT_SCALE !== size) return false;
  if (value < 0) out.bytes[out.position++] = MINUS;
  const whole = Math.floor(scaled / SHORT_SCALE);
  writeInteger(out, whole);
  let fraction = scaled - whole * SHORT_SCALE;
  if (fraction === 0) return true;
  out.bytes[out.position++] = POINT;
  let width = SHORT_DECIMALS;
  for (; fraction % 10 === 0; fraction /= 10) width--;
  writePadded(out, fraction, width);
  return true;
}

/** `YYYY-MM-DD`, with ` BC` never: years 1 to 9999 only (see datesFit). */
export function writeDate(out: WireBuffer, days: number): void {
  // Days to civil date by Hinnant's algorithm (http://howardhinnant.github.io/date_algorithms.html), March-based years.
  const shifted = days + 719468;
  const era = Math.floor(shifted / 146097);
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = ((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36524) | 0) - ((dayOfEra / 146096) | 0)) / 365) | 0;
  const dayOfYear = dayOfEra - (365 * yearOfEra + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0));
  const shiftedMonth = ((5 * dayOfYear + 2) / 153) | 0;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  writePadded(out, yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4);
  out.bytes[out.position++] = MINUS;
  writePadded(out, month, 2);
  out.bytes[out.position++] = MINUS;
  writePadded(out, dayOfYear - (((153 * shiftedMonth + 2) / 5) | 0) + 1, 2);
}

/** `HH:MM:SS`, then `.ffffff` without trailing zeros. */
export function writeTimeOfDay(out: WireBuffer, microsOfDay: number): void {
  const seconds = Math.floor(microsOfDay / 1e6);
  const minutes = (seconds / 60) | 0;
  writePadded(out, (minutes / 60) | 0, 2);
  out.bytes[out.position++] = 58;
  writePadded(out, minutes % 60, 2);
  out.bytes[out.position++] = 58;
  writePadded(out, seconds % 60, 2);
  let fraction = microsOfDay - seconds * 1e6;
  if (fraction === 0) return;
  let width = 6;
  while (fraction % 10 === 0) {
    fraction /= 10;
    width--;
  }
  out.bytes[out.position++] = POINT;
  writePadded(out, fraction, width);
}

const MICROS_PER_DAY = 86_400_000_000;

/** `YYYY-MM-DD HH:MM:SS[.ffffff]`. */
export function writeTimestamp(out: WireBuffer, micros: number): void {
  const days = Math.floor(micros / MICROS_PER_DAY);
  writeDate(out, days);
  out.bytes[out.position++] = 32;
  writeTimeOfDay(out, micros - days * MICROS_PER_DAY);
}

/** Days of 0001-01-01 and 9999-12-31: outside them the text has another shape (BC, five digits, infinity). */
const FIRST_DAY = -719162;
const LAST_DAY = 2932896;

export function dayIsPlain(days: number): boolean {
  return days >= FIRST_DAY && days <= LAST_DAY;
}

/** Whether a timestamp is a safe integer of micros in the years 1 to 2255, which is where doubles are exact. */
export function microsArePlain(micros: number): boolean {
  return micros >= FIRST_DAY * MICROS_PER_DAY && micros <= Number.MAX_SAFE_INTEGER && micros >= -Number.MAX_SAFE_INTEGER;
}
