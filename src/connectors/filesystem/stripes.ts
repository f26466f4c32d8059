import type { FileHandle } from 'node:fs/promises';

/** How far readers of one file may be apart in it, about: their event times move on together, so the watermark follows them and windows close. */
const STRIPE_BYTES = 4 * 1024 * 1024;
const LOOK_BYTES = 16 * 1024;
const LINE_FEED = 10;

/** The lines between `from` and `to` of a file in stripes of equal size, of which a split has each `count`-th, beginning with number `index`. */
export interface Stripes {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  readonly count: number;
  readonly index: number;
}

/** Bytes of a file, whole lines. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The lines between `from` and `to` shared out to `count` splits; one without lines is left out. */
export async function stripesOf(handle: FileHandle, { from, to, count }: { from: number; to: number; count: number }) {
  const shares: { readonly stripes: Stripes; readonly range: ByteRange }[] = [];
  for (let index = 0; index < count; index++) {
    const stripes = { from, to, count, index, bytes: STRIPE_BYTES };
    const first = await stripeAfter(handle, stripes, from);
    const last = await lastStripe(handle, stripes);
    if (first !== null && last !== null) shares.push({ stripes, range: { start: first.start, end: last.end } });
  }
  return shares;
}

/** What a split reads next from `offset` on, up to the end of a stripe; null when there are no more lines. */
export async function stripeAfter(handle: FileHandle, stripes: Stripes, offset: number): Promise<ByteRange | null> {
  const { from, to, bytes, count, index } = stripes;
  const at = Math.floor((offset - from) / bytes);
  for (let number = at + ((((index - at) % count) + count) % count); from + number * bytes < to; number += count) {
    const { start, end } = await stripe(handle, stripes, number);
    if (end > Math.max(start, offset)) return { start: Math.max(start, offset), end };
  }
  return null;
}

async function lastStripe(handle: FileHandle, stripes: Stripes): Promise<ByteRange | null> {
  const { from, to, bytes, count, index } = stripes;
  const all = Math.ceil((to - from) / bytes);
  for (let number = index + Math.floor((all - 1 - index) / count) * count; number >= 0; number -= count) {
    const range = await stripe(handle, stripes, number);
    if (range.end > range.start) return range;
  }
  return null;
}

/** A line is in the stripe in which it begins, so both sides of a border agree on it without knowing each other. */
async function stripe(handle: FileHandle, { from, to, bytes }: Stripes, number: number): Promise<ByteRange> {
  const border = (offset: number) => (offset <= from ? from : lineEndAfter(handle, offset - 1, to));
  return { start: await border(from + number * bytes), end: await border(from + (number + 1) * bytes) };
}

/** Offset behind the first line feed at or after `from`; `to` where there is none before it. */
export async function lineEndAfter(handle: FileHandle, from: number, to: number): Promise<number> {
  const buffer = Buffer.alloc(LOOK_BYTES);
  for (let at = from; at < to; at += buffer.length) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, to - at), at);
    const found = buffer.subarray(0, bytesRead).indexOf(LINE_FEED);
    if (found >= 0) return at + found + 1;
  }
  return to;
}

/** As a split carries them. */
export function stripeParameters({ from, to, bytes, count, index }: Stripes): Record<string, string> {
  return { stripes: [from, to, bytes, count, index].join(' ') };
}

/** Null for a split that is one range: a small file, and any file of a stream made by an earlier version. */
export function stripesOfParameters(parameters: Readonly<Record<string, string>>): Stripes | null {
  if (parameters.stripes === undefined) return null;
  const [from, to, bytes, count, index] = parameters.stripes.split(' ').map(Number) as [number, number, number, number, number];
  return { from, to, bytes, count, index };
}
