// Grammar of JSON text (RFC 8259) over raw memory: strings, numbers, literals and values nobody asked for.
// Every function takes the address of a token and returns the address behind it, or 0 when the text is not valid JSON or is better
// left to the TypeScript reader. None checks for the end of the message: one that runs past it ends elsewhere than at it, which is how the caller
// finds out, and the zeros behind the last message stop everything.

/** Set by stringEnd: the string just read contains an escape sequence. */
export let escaped: bool = false;
/** One byte for each open container: 1 = object. */
let stack: usize = 0;
let stackLevels: i32 = 0;

export function setStack(address: usize, levels: i32): void {
  stack = address;
  stackLevels = levels;
}

export function skipSpace(p: usize): usize {
  let c = load<u8>(p);
  if (c > 0x20) return p;
  while (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) c = load<u8>(++p);
  return p;
}

/** A bit for each of the 16 bytes at `p` that is not plain text: quote, backslash, control character, byte above 0x7f. */
// @ts-ignore: decorator
@inline
function specialBytes(p: usize): i32 {
  const bytes = v128.load(p);
  const marks = v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c)));
  // Signed comparison: control characters and all bytes above 0x7f are below the space.
  return i8x16.bitmask(v128.or(marks, i8x16.lt_s(bytes, i8x16.splat(0x20))));
}

/** From behind the opening quote to the closing quote. */
// @ts-ignore: decorator
@inline
export function stringEnd(p: usize): usize {
  escaped = false;
  let mask = specialBytes(p);
  while (mask === 0) {
    p += 16;
    mask = specialBytes(p);
  }
  p += ctz(mask);
  return load<u8>(p) === 0x22 ? p : stringEndAfter(p);
}

/** `p` is the first byte of a string that is neither plain nor the closing quote. */
function stringEndAfter(p: usize): usize {
  while (true) {
    const c = load<u8>(p);
    if (c === 0x22) return p;
    if (c === 0x5c) {
      escaped = true;
      p = escapeEnd(p + 1);
    } else if (c < 0x20) return 0;
    else if (c >= 0x80) p = utf8End(p);
    if (p === 0) return 0;
    let mask = specialBytes(p);
    while (mask === 0) {
      p += 16;
      mask = specialBytes(p);
    }
    p += ctz(mask);
  }
}

function escapeEnd(p: usize): usize {
  const c = load<u8>(p);
  if (c === 0x75) {
    for (let i: usize = 1; i <= 4; i++) if (!isHex(load<u8>(p + i))) return 0;
    return p + 5;
  }
  // " \ / b f n r t
  if (c === 0x22 || c === 0x5c || c === 0x2f || c === 0x62 || c === 0x66 || c === 0x6e || c === 0x72 || c === 0x74) return p + 1;
  return 0;
}

function isHex(c: u32): bool {
  return c - 0x30 < 10 || (c | 0x20) - 0x61 < 6;
}

function isContinuation(c: u32): bool {
  return (c & 0xc0) === 0x80;
}

/** One or more multi-byte characters (Unicode 16, table 3-7: no overlong forms, no surrogates, at most U+10FFFF). */
function utf8End(p: usize): usize {
  let c: u32 = load<u8>(p);
  while (c >= 0x80) {
    const second: u32 = load<u8>(p + 1);
    if (!isContinuation(second)) return 0;
    if (c >= 0xc2 && c < 0xe0) p += 2;
    else {
      if (!isContinuation(load<u8>(p + 2))) return 0;
      if ((c & 0xf0) === 0xe0) {
        if ((c === 0xe0 && second < 0xa0) || (c === 0xed && second > 0x9f)) return 0;
        p += 3;
      } else {
        if (!isContinuation(load<u8>(p + 3))) return 0;
        if (c < 0xf0 || c > 0xf4 || (c === 0xf0 && second < 0x90) || (c === 0xf4 && second > 0x8f)) return 0;
        p += 4;
      }
    }
    c = load<u8>(p);
  }
  return p;
}

function isDigit(c: u32): bool {
  return c - 0x30 < 10;
}

function numberEnd(p: usize): usize {
  if (load<u8>(p) === 0x2d) p++;
  if (!isDigit(load<u8>(p))) return 0;
  if (load<u8>(p) === 0x30) p++;
  else while (isDigit(load<u8>(p))) p++;
  if (load<u8>(p) === 0x2e) {
    p++;
    if (!isDigit(load<u8>(p))) return 0;
    while (isDigit(load<u8>(p))) p++;
  }
  if ((load<u8>(p) | 0x20) === 0x65) {
    p++;
    const sign = load<u8>(p);
    if (sign === 0x2b || sign === 0x2d) p++;
    if (!isDigit(load<u8>(p))) return 0;
    while (isDigit(load<u8>(p))) p++;
  }
  return p;
}

export function isNull(p: usize): bool {
  return load<u32>(p) === 0x6c6c756e;
}

export function isTrue(p: usize): bool {
  return load<u32>(p) === 0x65757274;
}

export function isFalse(p: usize): bool {
  return load<u32>(p) === 0x736c6166 && load<u8>(p + 4) === 0x65;
}

function scalarEnd(p: usize): usize {
  const c = load<u8>(p);
  if (c === 0x22) {
    p = stringEnd(p + 1);
    return p === 0 ? 0 : p + 1;
  }
  if (c < 0x3a) return numberEnd(p);
  if (isNull(p) || isTrue(p)) return p + 4;
  return isFalse(p) ? p + 5 : 0;
}

/** Any value. */
export function valueEnd(p: usize): usize {
  const c = load<u8>(p);
  return c === 0x7b || c === 0x5b ? containerEnd(p) : scalarEnd(p);
}

/** An object or array of any depth, without recursion. */
function containerEnd(p: usize): usize {
  let depth: i32 = 0;
  let opening = true;
  while (true) {
    let isObject: bool;
    if (opening) {
      if (depth === stackLevels) return 0;
      isObject = load<u8>(p) === 0x7b;
      store<u8>(stack + <usize>depth, isObject ? 1 : 0);
      depth++;
      p = skipSpace(p + 1);
      opening = load<u8>(p) !== (isObject ? 0x7d : 0x5d);
    } else {
      p = skipSpace(p);
      isObject = load<u8>(stack + <usize>depth - 1) === 1;
      if (load<u8>(p) === 0x2c) {
        p = skipSpace(p + 1);
        opening = true;
      }
    }
    if (!opening) {
      if (load<u8>(p) !== (isObject ? 0x7d : 0x5d)) return 0;
      p++;
      if (--depth === 0) return p;
      continue;
    }
    // A member or element begins at p.
    if (isObject) {
      if (load<u8>(p) !== 0x22) return 0;
      p = stringEnd(p + 1);
      if (p === 0) return 0;
      p = skipSpace(p + 1);
      if (load<u8>(p) !== 0x3a) return 0;
      p = skipSpace(p + 1);
    }
    const c = load<u8>(p);
    if (c === 0x7b || c === 0x5b) continue;
    p = scalarEnd(p);
    if (p === 0) return 0;
    opening = false;
  }
}
