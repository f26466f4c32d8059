/**
 * Zig-zag variable-length integers. A reader returns a value and moves a position; to do both without an allocation per
 * field the position lives in this module. Reading is synchronous and never nests, so one position is enough.
 */
let position = 0;

export function setVarintPosition(to: number): void {
  position = to;
}

export function varintPosition(): number {
  return position;
}

/** VARINT: a 32-bit integer. Past the end of `bytes` it reads zeros; callers compare the position with their limit. */
export function readVarint(bytes: Uint8Array): number {
  let byte = bytes[position++]!;
  if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
  let raw = byte & 0x7f;
  byte = bytes[position++]!;
  raw |= (byte & 0x7f) << 7;
  // Most lengths end here, and without the loop the function is small enough to be put into its callers.
  return byte >= 0x80 ? longVarint(bytes, raw) : (raw >>> 1) ^ -(raw & 1);
}

/** `raw` holds the 14 bits read so far. */
function longVarint(bytes: Uint8Array, begun: number): number {
  let raw = begun;
  for (let shift = 14; shift < 35; shift += 7) {
    const byte = bytes[position++]!;
    raw |= (byte & 0x7f) << shift;
    if (!(byte >= 0x80)) break;
  }
  return (raw >>> 1) ^ -(raw & 1);
}

/** VARLONG as a number, exact below 2^53. */
export function readVarlong(bytes: Uint8Array): number {
  let byte = bytes[position++]!;
  if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
  let raw = byte & 0x7f;
  let scale = 0x80;
  for (let count = 1; count < 10; count++) {
    byte = bytes[position++]!;
    raw += (byte & 0x7f) * scale;
    scale *= 0x80;
    if (!(byte >= 0x80)) break;
  }
  return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
}

/** Writes a VARINT and returns the position after it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let raw = (value << 1) ^ (value >> 31);
  let next = at;
  while ((raw & ~0x7f) !== 0) {
    bytes[next++] = (raw & 0x7f) | 0x80;
    raw >>>= 7;
  }
  bytes[next++] = raw;
  return next;
}

/** Writes a VARLONG given as a number (exact below 2^52) and returns the position after it. */
export function writeVarlong(bytes: Uint8Array, at: number, value: number): number {
  let raw = value >= 0 ? value * 2 : -value * 2 - 1;
  let next = at;
  while (raw >= 0x80) {
    bytes[next++] = (raw % 0x80) | 0x80;
    raw = Math.floor(raw / 0x80);
  }
  bytes[next++] = raw;
  return next;
}

/** Bytes of a VARINT. */
export function varintBytes(value: number): number {
  const raw = (value << 1) ^ (value >> 31);
  return raw === 0 ? 1 : Math.ceil((32 - Math.clz32(raw)) / 7);
}

/** Bytes of a VARLONG given as a number. */
export function varlongBytes(value: number): number {
  let raw = value >= 0 ? value * 2 : -value * 2 - 1;
  let bytes = 1;
  while (raw >= 0x80) {
    raw = Math.floor(raw / 0x80);
    bytes++;
  }
  return bytes;
}
