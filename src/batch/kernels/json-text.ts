const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
/** In ASCII both closing brackets are their opening ones plus this. */
const TO_CLOSING = 2;
const COMMA = 0x2c;
const COLON = 0x3a;

/** Position of the first byte that is no JSON white space. */
export function skipJsonSpace(data: Uint8Array, at: number, end: number): number {
  while (at < end) {
    const byte = data[at]!;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    at++;
  }
  return at;
}

/**
 * End of the JSON value that begins at `at`, of any depth. Accepts what JSON.parse accepts of well-formed UTF-8. A failure is the
 * position of the offending byte as -1 - position.
 */
export function jsonValueEnd(data: Uint8Array, at: number, end: number): number {
  const open: number[] = [];
  let position = at;
  for (;;) {
    const byte = position < end ? data[position]! : 0;
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      open.push(byte);
      const inner = skipJsonSpace(data, position + 1, end);
      if (inner < end && data[inner] === byte + TO_CLOSING) position = inner;
      else {
        position = byte === OPEN_OBJECT ? memberValue(data, inner, end) : inner;
        if (position < 0) return position;
        continue;
      }
    } else {
      position = scalarEnd(data, position, end);
      if (position < 0) return position;
    }
    position = closeOrNext(data, position, { end, open });
    if (position < 0 || open.length === 0) return position;
  }
}

/** From behind a value (or at a closing bracket) to the next value, or behind the outermost bracket. */
function closeOrNext(data: Uint8Array, at: number, { end, open }: { end: number; open: number[] }): number {
  let position = at;
  while (open.length > 0) {
    position = skipJsonSpace(data, position, end);
    const bracket = open[open.length - 1]!;
    const byte = position < end ? data[position]! : 0;
    if (byte === bracket + TO_CLOSING) {
      open.pop();
      position++;
    } else if (byte === COMMA) {
      position = skipJsonSpace(data, position + 1, end);
      return bracket === OPEN_OBJECT ? memberValue(data, position, end) : position;
    } else return -1 - position;
  }
  return position;
}

/** From a key to the value behind its colon. */
function memberValue(data: Uint8Array, at: number, end: number): number {
  if (at >= end || data[at] !== QUOTE) return -1 - at;
  const keyEnd = jsonStringEnd(data, at + 1, end);
  if (keyEnd < 0) return keyEnd;
  const colon = skipJsonSpace(data, keyEnd + 1, end);
  if (colon >= end || data[colon] !== COLON) return -1 - colon;
  return skipJsonSpace(data, colon + 1, end);
}

function scalarEnd(data: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1 - at;
  const byte = data[at]!;
  if (byte === QUOTE) {
    const close = jsonStringEnd(data, at + 1, end);
    return close < 0 ? close : close + 1;
  }
  if (byte === 0x74) return literalEnd(data, at, { end, text: 'true' });
  if (byte === 0x66) return literalEnd(data, at, { end, text: 'false' });
  if (byte === 0x6e) return literalEnd(data, at, { end, text: 'null' });
  return numberEnd(data, at, end);
}

function literalEnd(data: Uint8Array, at: number, { end, text }: { end: number; text: string }): number {
  for (let index = 0; index < text.length; index++) {
    if (at + index >= end || data[at + index] !== text.charCodeAt(index)) return -1 - (at + index);
  }
  return at + text.length;
}

function numberEnd(data: Uint8Array, start: number, end: number): number {
  let at = start;
  if (data[at] === 0x2d) at++;
  if (at < end && data[at] === 0x30) at++;
  else {
    const digits = digitsEnd(data, at, end);
    if (digits === at) return -1 - at;
    at = digits;
  }
  if (at < end && data[at] === 0x2e) {
    const digits = digitsEnd(data, at + 1, end);
    if (digits === at + 1) return -1 - digits;
    at = digits;
  }
  if (at < end && (data[at]! | 0x20) === 0x65) {
    at++;
    if (at < end && (data[at] === 0x2b || data[at] === 0x2d)) at++;
    const digits = digitsEnd(data, at, end);
    if (digits === at) return -1 - at;
    at = digits;
  }
  return at;
}

function digitsEnd(data: Uint8Array, at: number, end: number): number {
  while (at < end && data[at]! >= 0x30 && data[at]! <= 0x39) at++;
  return at;
}

/** From behind the opening quote to the closing one, or -1 - position. */
export function jsonStringEnd(data: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const byte = data[at]!;
    if (byte === QUOTE) return at;
    if (byte < 0x20) return -1 - at;
    if (byte < 0x80) {
      const next = byte === BACKSLASH ? escapeEnd(data, at, end) : at + 1;
      if (next < 0) return next;
      at = next;
    } else {
      const length = characterLength(data, at, end);
      if (length === 0) return -1 - at;
      at += length;
    }
  }
  return -1 - end;
}

function escapeEnd(data: Uint8Array, at: number, end: number): number {
  const kind = at + 1 < end ? data[at + 1]! : 0;
  if (kind === 0x75) {
    for (let index = at + 2; index < at + 6; index++) if (index >= end || hexDigit(data[index]!) < 0) return -1 - index;
    return at + 6;
  }
  return SIMPLE_ESCAPES.has(kind) ? at + 2 : -1 - (at + 1);
}

/** Bytes of the multi-byte character at `at` (Unicode 16, table 3-7), or 0 when it is malformed. */
function characterLength(data: Uint8Array, at: number, end: number): number {
  const first = data[at]!;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > end) return 0;
  for (let index = 1; index < length; index++) if ((data[at + index]! & 0xc0) !== 0x80) return 0;
  const second = data[at + 1]!;
  if ((first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f)) return 0;
  if ((first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f)) return 0;
  return length;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Escape letter -> the byte it stands for. */
const SIMPLE_ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x22, 0x22],
  [0x5c, 0x5c],
  [0x2f, 0x2f],
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);

/**
 * UTF-8 of the valid JSON string whose contents are data[start, end) (quotes excluded). Texts of SQL hold neither U+0000 nor half a
 * surrogate pair, which JSON can write: then the result is the reason, in PostgreSQL's words.
 */
export function jsonStringBytes(data: Uint8Array, start: number, end: number): Uint8Array | string {
  let first = start;
  while (first < end && data[first] !== BACKSLASH) first++;
  if (first === end) return data.subarray(start, end);
  const bytes = new Uint8Array(end - start);
  bytes.set(data.subarray(start, first));
  let to = first - start;
  for (let at = first; at < end; ) {
    if (data[at] !== BACKSLASH) {
      bytes[to++] = data[at++]!;
      continue;
    }
    if (data[at + 1] !== 0x75) {
      bytes[to++] = SIMPLE_ESCAPES.get(data[at + 1]!)!;
      at += 2;
      continue;
    }
    let code = hexCode(data, at + 2);
    at += 6;
    if (code === 0) return 'unsupported Unicode escape sequence: \\u0000 cannot be converted to text';
    if (code >= 0xd800 && code < 0xe000) {
      const low = code < 0xdc00 && at + 6 <= end && data[at] === BACKSLASH && data[at + 1] === 0x75 ? hexCode(data, at + 2) : 0;
      if (low < 0xdc00 || low > 0xdfff) return 'unsupported Unicode escape sequence: half a surrogate pair';
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      at += 6;
    }
    to = putCharacter(bytes, to, code);
  }
  return bytes.subarray(0, to);
}

function hexCode(data: Uint8Array, at: number): number {
  return (hexDigit(data[at]!) << 12) | (hexDigit(data[at + 1]!) << 8) | (hexDigit(data[at + 2]!) << 4) | hexDigit(data[at + 3]!);
}

function putCharacter(bytes: Uint8Array, at: number, code: number): number {
  if (code < 0x80) bytes[at++] = code;
  else {
    if (code < 0x800) bytes[at++] = 0xc0 | (code >> 6);
    else {
      if (code < 0x10000) bytes[at++] = 0xe0 | (code >> 12);
      else {
        bytes[at++] = 0xf0 | (code >> 18);
        bytes[at++] = 0x80 | ((code >> 12) & 0x3f);
      }
      bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
    }
    bytes[at++] = 0x80 | (code & 0x3f);
  }
  return at;
}
