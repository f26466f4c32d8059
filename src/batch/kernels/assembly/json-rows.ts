// Rows as JSON objects. The twin is ../../../formats/json/json-row-encoder.ts; column records are written by ../json-row-writer.ts.

const COLUMN_BYTES: usize = 32;
const COLUMN_KIND: usize = 0;
/** Comma, key and colon. */
const COLUMN_KEY: usize = 4;
const COLUMN_KEY_LENGTH: usize = 8;
/** Eight-byte values, or where texts start. */
const COLUMN_VALUES: usize = 12;
const COLUMN_ENDS: usize = 16;
/** What starts and ends count from. */
const COLUMN_TEXT: usize = 20;
/** 0 when there is no NULL. */
const COLUMN_VALID: usize = 24;
/** Between day and time. */
const COLUMN_SEPARATOR: usize = 28;

const KIND_INTEGER = 1;
const KIND_BOOL = 2;
const KIND_TEXT = 3;
const KIND_RAW = 4;
const KIND_TIMESTAMP = 5;
const KIND_TIMESTAMPTZ = 6;

/** Years 1 to 9999. */
const PLAIN_MIN: i64 = -62135596800000000;
const PLAIN_END: i64 = 253402300800000000;
const MICROS_PER_DAY: i64 = 86400000000;

const NULL_TEXT: u32 = 0x6c6c756e;
const TRUE_TEXT: u32 = 0x65757274;
const FALS_TEXT: u32 = 0x736c6166;

const POWERS: usize = memory.data<u64>(
  [
    1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000,
    100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000, 10000000000000000000,
  ],
  8,
);

/** Text of the day last written: rows of a stream mostly lie on one. */
const dayText: usize = memory.data(16, 16);
let dayWritten: i64 = i64.MIN_VALUE;

/**
 * Writes rows to `out`, one behind the other, and where each ends, counted from `out`. Returns the number of bytes, or -1 where a value is one
 * that only the twin knows to write. `out` has room for the longest text of every value and 16 bytes more.
 */
export function writeJsonRows(columns: usize, columnCount: i32, rowCount: i32, ignoreNulls: bool, out: usize, ends: usize): i32 {
  const columnsEnd = columns + <usize>columnCount * COLUMN_BYTES;
  let to = out;
  for (let row = 0; row < rowCount; row++) {
    store<u8>(to++, 0x7b);
    const first = to;
    for (let column = columns; column < columnsEnd; column += COLUMN_BYTES) {
      const valid = <usize>load<u32>(column, COLUMN_VALID);
      const isNull = valid !== 0 && load<u8>(valid + <usize>row) === 0;
      if (isNull && ignoreNulls) continue;
      const skipped: usize = to === first ? 1 : 0;
      to = copy(to, <usize>load<u32>(column, COLUMN_KEY) + skipped, <usize>load<u32>(column, COLUMN_KEY_LENGTH) - skipped);
      if (isNull) {
        store<u32>(to, NULL_TEXT);
        to += 4;
      } else {
        to = writeValue(to, column, <usize>row);
        if (to === 0) return -1;
      }
    }
    store<u8>(to++, 0x7d);
    store<i32>(ends + ((<usize>row) << 2), <i32>(to - out));
  }
  return <i32>(to - out);
}

// @ts-ignore: decorator
@inline
function writeValue(to: usize, column: usize, row: usize): usize {
  const values = <usize>load<u32>(column, COLUMN_VALUES);
  const kind = load<i32>(column, COLUMN_KIND);
  if (kind === KIND_INTEGER) return writeInteger(to, load<i64>(values + (row << 3)));
  if (kind === KIND_TEXT || kind === KIND_RAW) {
    const text = <usize>load<u32>(column, COLUMN_TEXT);
    const start = text + <usize>load<u32>(values + (row << 2));
    const length: usize = text + <usize>load<u32>(<usize>load<u32>(column, COLUMN_ENDS) + (row << 2)) - start;
    return kind === KIND_TEXT ? writeString(to, start, length) : copy(to, start, length);
  }
  if (kind === KIND_BOOL) {
    if (load<i32>(values + (row << 3)) !== 0) {
      store<u32>(to, TRUE_TEXT);
      return to + 4;
    }
    store<u32>(to, FALS_TEXT);
    store<u8>(to, 0x65, 4);
    return to + 5;
  }
  return writeTimestamp(to, load<i64>(values + (row << 3)), load<u8>(column, COLUMN_SEPARATOR), kind === KIND_TIMESTAMPTZ);
}

/** In whole pieces: what the last one writes too much is written over by what follows. */
// @ts-ignore: decorator
@inline
function copy(to: usize, from: usize, length: usize): usize {
  for (let piece: usize = 0; piece < length; piece += 16) v128.store(to + piece, v128.load(from + piece));
  return to + length;
}

function writeInteger(to: usize, value: i64): usize {
  let rest = <u64>value;
  if (value < 0) {
    store<u8>(to++, 0x2d);
    rest = 0 - rest;
  }
  const end = to + digitsOf(rest);
  let at = end;
  while (rest > 0xffffffff) {
    const high = rest / 100000000;
    let low = <u32>(rest - high * 100000000);
    for (let pair = 0; pair < 4; pair++) {
      at -= 2;
      const next = low / 100;
      writePair(at, low - next * 100);
      low = next;
    }
    rest = high;
  }
  let small = <u32>rest;
  while (small >= 100) {
    at -= 2;
    const next = small / 100;
    writePair(at, small - next * 100);
    small = next;
  }
  if (small >= 10) writePair(at - 2, small);
  else store<u8>(at - 1, 0x30 + small);
  return end;
}

function digitsOf(value: u64): usize {
  if (value === 0) return 1;
  // 1233 / 4096 is a little more than the logarithm of two to base ten.
  const digits: usize = ((64 - <usize>clz(value)) * 1233) >>> 12;
  return digits + <usize>(value >= load<u64>(POWERS + (digits << 3)));
}

/** A number below 100 with a leading zero. */
// @ts-ignore: decorator
@inline
function writePair(to: usize, value: u32): void {
  const tens = value / 10;
  store<u16>(to, <u16>(0x3030 + tens + ((value - tens * 10) << 8)));
}

function writeString(to: usize, from: usize, length: usize): usize {
  store<u8>(to++, 0x22);
  const end = from + length;
  while (from < end) {
    const bytes = v128.load(from);
    v128.store(to, bytes);
    const marks = v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c)));
    const mask = i8x16.bitmask(v128.or(marks, i8x16.lt_u(bytes, i8x16.splat(0x20))));
    const left = end - from;
    const plain: usize = mask === 0 ? 16 : <usize>ctz(mask);
    if (plain >= left) {
      to += left;
      break;
    }
    from += plain;
    to += plain;
    if (plain < 16) to = writeEscape(to, load<u8>(from++));
  }
  store<u8>(to, 0x22);
  return to + 1;
}

function writeEscape(to: usize, byte: u32): usize {
  let letter: u32 = 0;
  if (byte === 0x22 || byte === 0x5c) letter = byte;
  else if (byte === 0x08) letter = 0x62;
  else if (byte === 0x09) letter = 0x74;
  else if (byte === 0x0a) letter = 0x6e;
  else if (byte === 0x0c) letter = 0x66;
  else if (byte === 0x0d) letter = 0x72;
  if (letter !== 0) {
    store<u16>(to, <u16>(0x5c + (letter << 8)));
    return to + 2;
  }
  // \u00 and two digits, the first of which is 0 or 1.
  store<u32>(to, 0x3030755c);
  const low = byte & 15;
  store<u8>(to, 0x30 + (byte >> 4), 4);
  store<u8>(to, low < 10 ? 0x30 + low : 0x57 + low, 5);
  return to + 6;
}

function writeTimestamp(to: usize, micros: i64, separator: u32, isInstant: bool): usize {
  if (micros < PLAIN_MIN || micros >= PLAIN_END) return 0;
  let days = micros / MICROS_PER_DAY;
  let rest = micros - days * MICROS_PER_DAY;
  if (rest < 0) {
    days--;
    rest += MICROS_PER_DAY;
  }
  if (days !== dayWritten) {
    writeDay(dayText, <u32>(days + 719468));
    dayWritten = days;
  }
  store<u8>(to++, 0x22);
  v128.store(to, v128.load(dayText));
  store<u8>(to, separator, 10);
  const seconds = <u32>(rest / 1000000);
  let fraction = <u32>(rest - <i64>seconds * 1000000);
  const minutes = seconds / 60;
  const hours = minutes / 60;
  writePair(to + 11, hours);
  store<u8>(to, 0x3a, 13);
  writePair(to + 14, minutes - hours * 60);
  store<u8>(to, 0x3a, 16);
  writePair(to + 17, seconds - minutes * 60);
  to += 19;
  if (fraction > 0) {
    store<u8>(to++, 0x2e);
    for (let unit: u32 = 100000; fraction > 0; unit /= 10) {
      const digit = fraction / unit;
      store<u8>(to++, 0x30 + digit);
      fraction -= digit * unit;
    }
  }
  if (isInstant) store<u8>(to++, 0x5a);
  store<u8>(to, 0x22);
  return to + 1;
}

/** Civil from days (H. Hinnant); `days` count from 0000-03-01. */
function writeDay(to: usize, days: u32): void {
  const era = days / 146097;
  const dayOfEra = days - era * 146097;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const shifted = (5 * dayOfYear + 2) / 153;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + <u32>(month <= 2);
  writePair(to, year / 100);
  writePair(to + 2, year % 100);
  store<u8>(to, 0x2d, 4);
  writePair(to + 5, month);
  store<u8>(to, 0x2d, 7);
  writePair(to + 8, dayOfYear - (153 * shifted + 2) / 5 + 1);
}
