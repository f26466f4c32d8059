// Schema-driven scan of JSON messages into columns. The layout of nodes, children and configuration is written by
// ../json-scan-layout.ts; the offsets below and there must agree (the fuzz tests would notice).
import { escaped, isFalse, isNull, isTrue, setStack, skipSpace, stringEnd, valueEnd } from './json-text';

// Node: an object some of whose keys are wanted.
const NODE_CHILD_COUNT: usize = 0;
const NODE_CHILDREN: usize = 4;
const NODE_LEARNED_COUNT: usize = 8;
const NODE_LEARNED: usize = 12;
// Child: one wanted key.
const CHILD_BYTES: usize = 36;
const CHILD_KEY: usize = 0;
const CHILD_KEY_LENGTH: usize = 4;
const CHILD_KIND: usize = 8;
const CHILD_PARAMETER: usize = 12;
const CHILD_SLOTS: usize = 16;
const CHILD_ENDS: usize = 20;
const CHILD_VALID: usize = 24;
const CHILD_NODE: usize = 28;
const CHILD_FIELD: usize = 32;
// Learned: what stood between the i-1-th and the i-th value of the previous object, as written: comma, key, colon, white space.
const LEARNED_BYTES: usize = 96;
const LEARNED_LENGTH: usize = 0;
const LEARNED_CHILD: usize = 4;
/** 16 bytes, 0xff where the first 16 bytes of the text count. */
const LEARNED_MASK: usize = 16;
const LEARNED_TEXT: usize = 32;
const LEARNED_TEXT_MAX: usize = 64;
const LEARNED_MAX: i32 = 64;

const KIND_INT8 = 1;
const KIND_INT4 = 2;
const KIND_INT2 = 3;
const KIND_FLOAT8 = 4;
const KIND_FLOAT4 = 5;
const KIND_BOOL = 6;
const KIND_TEXT = 7;
const KIND_TIMESTAMP = 8;
const KIND_DATE = 9;
const KIND_OBJECT = 11;

const VALID_PRESENT: u8 = 1;
const VALID_NULL: u8 = 2;

let row: i32 = 0;
/** Added to an address to get an offset into the caller's data. */
let toOffset: i32 = 0;
let deferred: usize = 0;
let deferredCount: i32 = 0;
let deferredMax: i32 = 0;
/** Texts are copied one behind the other; ranges of text columns count from the first. */
let text: usize = 0;
let textEnd: usize = 0;

/**
 * Scans messages [from, to) of a batch: message r fills row r of every column. Rows this kernel does not decide (invalid, unusual) are
 * listed as slow; values that need a conversion of their own are listed as deferred with their place. Both lists and the texts go on
 * where the scan before has ended.
 */
export function scan(config: usize, from: i32, to: i32, sourceOffset: i32): void {
  toOffset = sourceOffset;
  const root = <usize>load<u32>(config);
  const starts = <usize>load<u32>(config, 4);
  const ends = <usize>load<u32>(config, 8);
  deferred = <usize>load<u32>(config, 12);
  deferredMax = load<i32>(config, 16);
  const slow = <usize>load<u32>(config, 20);
  setStack(<usize>load<u32>(config, 24), load<i32>(config, 28));
  text = <usize>load<u32>(config, 32);
  deferredCount = load<i32>(config, 36);
  let slowCount = load<i32>(config, 40);
  textEnd = text + <usize>load<u32>(config, 44);
  for (let r = from; r < to; r++) {
    row = r;
    const end = <usize>(load<i32>(ends + ((<usize>r) << 2)) - toOffset);
    const deferredBefore = deferredCount;
    let p = skipSpace(<usize>(load<i32>(starts + ((<usize>r) << 2)) - toOffset));
    if (load<u8>(p) === 0x7b) {
      p = scanObject(p + 1, root);
      if (p !== 0) p = skipSpaceUntil(p, end);
    } else p = 0;
    if (p !== end || p === 0) {
      deferredCount = deferredBefore;
      store<i32>(slow + ((<usize>slowCount) << 2), r);
      slowCount++;
    }
  }
  store<i32>(config, deferredCount, 36);
  store<i32>(config, slowCount, 40);
  store<u32>(config, <u32>(textEnd - text), 44);
}

/** Makes an explicit null of `count` validity bytes a plain 0; true when all of them are 1. */
export function finishValid(valid: usize, count: i32): bool {
  const one = eightTimes(1);
  let missing: u64 = 0;
  let at: usize = 0;
  for (; at + 8 <= <usize>count; at += 8) {
    const bits = load<u64>(valid + at) & one;
    store<u64>(valid + at, bits);
    missing |= bits ^ one;
  }
  for (; at < <usize>count; at++) {
    const bit = load<u8>(valid + at) & 1;
    store<u8>(valid + at, bit);
    missing |= bit ^ 1;
  }
  return missing === 0;
}

function skipSpaceUntil(p: usize, end: usize): usize {
  while (p < end) {
    const c = load<u8>(p);
    if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return 0;
    p++;
  }
  return p;
}

/** From behind the opening brace to behind the closing one. */
function scanObject(p: usize, node: usize): usize {
  let entry = <usize>load<u32>(node, NODE_LEARNED);
  const learnedEnd = entry + <usize>load<i32>(node, NODE_LEARNED_COUNT) * LEARNED_BYTES;
  let position: i32 = 0;
  while (true) {
    let child: usize;
    if (entry < learnedEnd && matches(p, entry)) {
      p += <usize>load<u32>(entry, LEARNED_LENGTH);
      child = <usize>load<u32>(entry, LEARNED_CHILD);
      if (load<u8>(p) <= 0x20) p = skipSpace(p);
    } else {
      const start = p;
      p = skipSpace(p);
      if (load<u8>(p) === 0x7d) return p + 1;
      if (position > 0) {
        if (load<u8>(p) !== 0x2c) return 0;
        p = skipSpace(p + 1);
      }
      if (load<u8>(p) !== 0x22) return 0;
      const key = p + 1;
      const keyEnd = stringEnd(key);
      if (keyEnd === 0 || escaped) return 0;
      p = skipSpace(keyEnd + 1);
      if (load<u8>(p) !== 0x3a) return 0;
      p = skipSpace(p + 1);
      child = findChild(node, key, keyEnd - key);
      learn(node, position, start, p, child);
    }
    p = child === 0 ? valueEnd(p) : scanValue(p, child);
    if (p === 0) return 0;
    position++;
    entry += LEARNED_BYTES;
  }
}

function matches(p: usize, entry: usize): bool {
  const text = entry + LEARNED_TEXT;
  const differences = v128.and(v128.xor(v128.load(p), v128.load(text)), v128.load(entry, LEARNED_MASK));
  if (v128.any_true(differences)) return false;
  const length = <usize>load<u32>(entry, LEARNED_LENGTH);
  for (let at: usize = 16; at < length; at += 16) {
    // The last piece overlaps the one before.
    const piece = at + 16 > length ? length - 16 : at;
    if (v128.any_true(v128.xor(v128.load(p + piece), v128.load(text + piece)))) return false;
  }
  return true;
}

function learn(node: usize, position: i32, start: usize, end: usize, child: usize): void {
  const length = end - start;
  if (position >= LEARNED_MAX || length > LEARNED_TEXT_MAX) return;
  const count = load<i32>(node, NODE_LEARNED_COUNT);
  if (position > count) return;
  const entry = <usize>load<u32>(node, NODE_LEARNED) + <usize>position * LEARNED_BYTES;
  store<u32>(entry, <u32>length, LEARNED_LENGTH);
  store<u32>(entry, <u32>child, LEARNED_CHILD);
  memory.fill(entry + LEARNED_MASK, 0, 16);
  memory.fill(entry + LEARNED_MASK, 0xff, min(length, <usize>16));
  memory.copy(entry + LEARNED_TEXT, start, length);
  if (position === count) store<i32>(node, count + 1, NODE_LEARNED_COUNT);
}

function findChild(node: usize, key: usize, length: usize): usize {
  let child = <usize>load<u32>(node, NODE_CHILDREN);
  for (let left = load<i32>(node, NODE_CHILD_COUNT); left > 0; left--) {
    if (<usize>load<u32>(child, CHILD_KEY_LENGTH) === length && sameBytes(<usize>load<u32>(child, CHILD_KEY), key, length)) return child;
    child += CHILD_BYTES;
  }
  return 0;
}

function sameBytes(left: usize, right: usize, length: usize): bool {
  for (let i: usize = 0; i < length; i++) if (load<u8>(left + i) !== load<u8>(right + i)) return false;
  return true;
}

function scanValue(p: usize, child: usize): usize {
  const kind = load<i32>(child, CHILD_KIND);
  const valid = <usize>load<u32>(child, CHILD_VALID) + <usize>row;
  // A second value under one key would have to replace the first: left to the reader that can.
  if (load<u8>(valid) !== 0) return 0;
  if (isNull(p)) {
    store<u8>(valid, VALID_NULL);
    return p + 4;
  }
  store<u8>(valid, VALID_PRESENT);
  switch (kind) {
    case KIND_INT8:
    case KIND_INT4:
    case KIND_INT2:
      return scanInteger(p, child, kind);
    case KIND_TEXT:
      return scanText(p, child);
    case KIND_OBJECT:
      return scanNested(p, child);
    case KIND_FLOAT8:
    case KIND_FLOAT4:
      return scanFloat(p, child, kind);
    case KIND_BOOL:
      return scanBool(p, child);
    case KIND_TIMESTAMP:
      return scanTimestamp(p, child);
    case KIND_DATE:
      return scanDate(p, child);
    default:
      return defer(p, child);
  }
}

/** An object some of whose keys are fields; it may be a field itself, which is deferred as a whole. */
function scanNested(p: usize, child: usize): usize {
  if (load<u8>(p) !== 0x7b) return 0;
  const end = scanObject(p + 1, <usize>load<u32>(child, CHILD_NODE));
  if (end === 0 || load<i32>(child, CHILD_FIELD) < 0) return end;
  return listDeferred(p, end, child);
}

/** Leaves the value to a conversion outside, after checking that it is valid JSON. */
function defer(p: usize, child: usize): usize {
  const end = valueEnd(p);
  return end === 0 ? 0 : listDeferred(p, end, child);
}

function listDeferred(p: usize, end: usize, child: usize): usize {
  if (deferredCount === deferredMax) return 0;
  const entry = deferred + ((<usize>deferredCount) << 4);
  deferredCount++;
  store<i32>(entry, row);
  store<i32>(entry, load<i32>(child, CHILD_FIELD), 4);
  store<i32>(entry, <i32>p + toOffset, 8);
  store<i32>(entry, <i32>end + toOffset, 12);
  return end;
}

function slotOf(child: usize): usize {
  return <usize>load<u32>(child, CHILD_SLOTS) + ((<usize>row) << 3);
}

/** The byte in all eight places. */
function eightTimes(byte: u64): u64 {
  const four = byte * 0x01010101;
  return (four << 32) | four;
}

/** Bit 7 of each of the eight bytes that is no digit. */
function nonDigits(chunk: u64): u64 {
  const offset = chunk ^ eightTimes(0x30);
  // A digit has become 0 to 9; adding 0x76 sets bit 7 of anything above, and bytes that have it already keep it.
  return (((offset & eightTimes(0x7f)) + eightTimes(0x76)) | offset) & eightTimes(0x80);
}

const PAIR_MASK: u64 = (0xff << 32) | 0xff;

/** Value of eight digits, the first in the lowest byte, each 0 to 9 (three multiplications instead of eight steps). */
function eightDigits(digits: u64): u64 {
  const pairs = digits * 10 + (digits >> 8);
  const high = (pairs & PAIR_MASK) * (((<u64>1000000) << 32) + 100);
  const low = ((pairs >> 16) & PAIR_MASK) * (((<u64>10000) << 32) + 1);
  return (high + low) >> 32;
}

/** 10^0 to 10^8: a table, because branches on the number of digits would be guessed wrong. */
const POWERS: usize = memory.data<u64>([1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000], 8);

function powerOfTenInteger(exponent: u32): u64 {
  return load<u64>(POWERS + ((<usize>exponent) << 3));
}

let digitsValue: u64 = 0;

/** Reads digits into digitsValue, which wraps beyond 18 of them; returns the address behind. */
function digitsEnd(p: usize): usize {
  let value: u64 = 0;
  while (true) {
    const chunk = load<u64>(p);
    const stops = nonDigits(chunk);
    const digits = chunk & eightTimes(0x0f);
    if (stops === 0) {
      value = value * 100000000 + eightDigits(digits);
      p += 8;
      continue;
    }
    const count = <u32>(ctz(stops) >> 3);
    if (count > 0) value = value * powerOfTenInteger(count) + eightDigits(digits << (64 - ((<u64>count) << 3)));
    digitsValue = value;
    return p + count;
  }
}

function scanInteger(start: usize, child: usize, kind: i32): usize {
  const negative = load<u8>(start) === 0x2d;
  const digits = start + <usize>negative;
  const p = digitsEnd(digits);
  const length = p - digits;
  if (length === 0 || length > 18) return defer(start, child);
  if (load<u8>(digits) === 0x30 && length > 1) return 0;
  // '.' or 'e': may still be a whole number.
  const next = load<u8>(p);
  if (next === 0x2e || (next | 0x20) === 0x65) return defer(start, child);
  let value = <i64>digitsValue;
  if (negative) value = -value;
  if (kind === KIND_INT4 && value !== <i64>(<i32>value)) return 0;
  if (kind === KIND_INT2 && value !== <i64>(<i16>value)) return 0;
  store<i64>(slotOf(child), value);
  return p;
}

function scanFloat(start: usize, child: usize, kind: i32): usize {
  let p = start;
  const negative = load<u8>(p) === 0x2d;
  if (negative) p++;
  const digits = p;
  let c: u32 = <u32>load<u8>(p) - 0x30;
  let mantissa: u64 = 0;
  while (c < 10) {
    mantissa = mantissa * 10 + <u64>c;
    c = <u32>load<u8>(++p) - 0x30;
  }
  let length = p - digits;
  if (length === 0) return defer(start, child);
  if (load<u8>(digits) === 0x30 && length > 1) return 0;
  let scale: usize = 0;
  if (c === <u32>0x2e - 0x30) {
    const fraction = ++p;
    c = <u32>load<u8>(p) - 0x30;
    while (c < 10) {
      mantissa = mantissa * 10 + <u64>c;
      c = <u32>load<u8>(++p) - 0x30;
    }
    scale = p - fraction;
    if (scale === 0) return 0;
    length += scale;
  }
  // Exact when both the mantissa and the power of ten are doubles (Clinger 1990); else the slow conversion decides.
  if (length > 18 || mantissa > 9007199254740992 || ((c + 0x30) | 0x20) === 0x65) return defer(start, child);
  let value = <f64>mantissa / powerOfTen(scale);
  if (negative) value = -value;
  if (kind === KIND_FLOAT4) value = <f64>(<f32>value);
  store<f64>(slotOf(child), value);
  return p;
}

function powerOfTen(exponent: usize): f64 {
  let power: f64 = 1;
  for (let i: usize = 0; i < exponent; i++) power *= 10;
  return power;
}

function scanBool(p: usize, child: usize): usize {
  if (isTrue(p)) {
    store<i64>(slotOf(child), 1);
    return p + 4;
  }
  return isFalse(p) ? p + 5 : defer(p, child);
}

function scanText(p: usize, child: usize): usize {
  if (load<u8>(p) !== 0x22) return defer(p, child);
  const end = stringEnd(p + 1);
  if (end === 0) return 0;
  if (escaped) return defer(p, child);
  const slots = <usize>load<u32>(child, CHILD_SLOTS);
  if (slots === 0) return end + 1;
  const at = (<usize>row) << 2;
  const length = end - p - 1;
  store<u32>(slots + at, <u32>(textEnd - text));
  // In whole pieces: what the last one writes too much is written over by the next text.
  for (let piece: usize = 0; piece < length; piece += 16) v128.store(textEnd + piece, v128.load(p + 1 + piece));
  textEnd += length;
  store<u32>(<usize>load<u32>(child, CHILD_ENDS) + at, <u32>(textEnd - text));
  return end + 1;
}

/** Two digits as a number, or a value above 99. */
function twoDigits(p: usize): u32 {
  const tens = <u32>load<u8>(p) - 0x30;
  const ones = <u32>load<u8>(p + 1) - 0x30;
  return tens > 9 || ones > 9 ? 1000 : tens * 10 + ones;
}

/** Days since 1970-01-01 of YYYY-MM-DD, or i32.MIN_VALUE when it is not a plain date of years 1 to 9999. */
function daysOfDate(p: usize): i32 {
  const century = twoDigits(p);
  const yearOfCentury = twoDigits(p + 2);
  const month = twoDigits(p + 5);
  const day = twoDigits(p + 8);
  if (century > 99 || yearOfCentury > 99 || load<u8>(p + 4) !== 0x2d || load<u8>(p + 7) !== 0x2d) return i32.MIN_VALUE;
  const year = century * 100 + yearOfCentury;
  if (year === 0 || month - 1 > 11 || day === 0 || day > daysOfMonth(year, month)) return i32.MIN_VALUE;
  // Days from civil (H. Hinnant): years begin in March, so that the leap day is the last.
  const y = month <= 2 ? year - 1 : year;
  const era = y / 400;
  const yearOfEra = y - era * 400;
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return <i32>(era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear) - 719468;
}

function daysOfMonth(year: u32, month: u32): u32 {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

let cachedDateHead: u64 = 0;
let cachedDateTail: u16 = 0;
let cachedDays: i32 = i32.MIN_VALUE;

/** daysOfDate, remembering the last date: times of a stream mostly lie on one day. */
function daysOfDateCached(p: usize): i32 {
  const head = load<u64>(p);
  const tail = load<u16>(p, 8);
  if (head !== cachedDateHead || tail !== cachedDateTail) {
    cachedDays = daysOfDate(p);
    cachedDateHead = head;
    cachedDateTail = tail;
  }
  return cachedDays;
}

function scanDate(p: usize, child: usize): usize {
  if (load<u8>(p) !== 0x22 || load<u8>(p + 11) !== 0x22) return defer(p, child);
  const days = daysOfDate(p + 1);
  if (days === i32.MIN_VALUE) return defer(p, child);
  store<i64>(slotOf(child), <i64>days);
  return p + 12;
}

/** "YYYY-MM-DD hh:mm:ss[.f][Z]" with a blank or T, or a number of milliseconds; any other form is deferred. */
function scanTimestamp(start: usize, child: usize): usize {
  const precision = load<i32>(child, CHILD_PARAMETER);
  if (load<u8>(start) !== 0x22) return scanEpochMillis(start, child, precision);
  const days = daysOfDateCached(start + 1);
  const separator = load<u8>(start + 11);
  if (days === i32.MIN_VALUE || (separator !== 0x20 && separator !== 0x54)) return defer(start, child);
  const hour = twoDigits(start + 12);
  const minute = twoDigits(start + 15);
  const second = twoDigits(start + 18);
  if (hour > 23 || minute > 59 || second > 59 || load<u8>(start + 14) !== 0x3a || load<u8>(start + 17) !== 0x3a) return defer(start, child);
  let micros: i64 = ((<i64>days * 24 + <i64>hour) * 60 + <i64>minute) * 60 + <i64>second;
  micros *= 1000000;
  let p = start + 20;
  if (load<u8>(p) === 0x2e) {
    p++;
    const fraction = p;
    p = digitsEnd(p);
    const digits = <i32>(p - fraction);
    if (digits === 0 || digits > precision) return defer(start, child);
    micros += <i64>(digitsValue * powerOfTenInteger(6 - digits));
  }
  if (load<u8>(p) === 0x5a) p++;
  if (load<u8>(p) !== 0x22) return defer(start, child);
  store<i64>(slotOf(child), micros);
  return p + 1;
}

function scanEpochMillis(start: usize, child: usize, precision: i32): usize {
  const negative = load<u8>(start) === 0x2d;
  const digits = start + <usize>negative;
  const p = digitsEnd(digits);
  const length = p - digits;
  const next = load<u8>(p);
  if (length === 0 || length > 14 || precision < 3 || next === 0x2e || (next | 0x20) === 0x65) return defer(start, child);
  if (load<u8>(digits) === 0x30 && length > 1) return 0;
  const value = <i64>digitsValue;
  store<i64>(slotOf(child), (negative ? -value : value) * 1000);
  return p;
}
