// Grammar of JSON text (RFC 8259) over raw memory: strings, numbers, literals and values nobody asked for.
// Every function takes the address of a token and returns the address behind it, or 0 when the text is not valid JSON or is better
// left to the TypeScript reader. Reads may run up to 32 bytes past the message; `limit` decides what counts.

/** End of the message being read. */
export let limit: usize = 0;
/** Set by stringEnd: the string just read contains an escape sequence. */
export let escaped: bool = false;
/** One byte for each open container: 1 = object. */
let stack: usize = 0;
let stackLevels: i32 = 0;

export function openMessage(end: usize): void {
  limit = end;
}

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

/** From behind the opening quote to the closing quote. */
export function stringEnd(p: usize): usize {
  const quote = i8x16.splat(0x22);
  const backslash = i8x16.splat(0x5c);
  const space = i8x16.splat(0x20);
  escaped = false;
  while (p < limit) {
    const bytes = v128.load(p);
    // Signed comparison: control characters and all bytes above 0x7f are below the space.
    const special = v128.or(v128.or(i8x16.eq(bytes, quote), i8x16.eq(bytes, backslash)), i8x16.lt_s(bytes, space));
    const mask = i8x16.bitmask(special);
    if (mask === 0) {
      p += 16;
      continue;
    }
    p += ctz(mask);
    if (p >= limit) return 0;
    const c = load<u8>(p);
    if (c === 0x22) return p;
    if (c === 0x5c) {
      escaped = true;
      p = escapeEnd(p + 1);
    } else if (c < 0x20) return 0;
    else p = utf8End(p);
    if (p === 0) return 0;
  }
  return 0;
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
  if (isNull(p) || isTrue(p)) return p + 4;
  if (isFalse(p)) return p + 5;
  return numberEnd(p);
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
      if (depth === stackLevels || p >= limit) return 0;
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
