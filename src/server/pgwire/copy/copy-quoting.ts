import type { Column } from '../../../batch/index.ts';
import type { CopyFormat } from '../session-contract.ts';
import type { WireBuffer } from '../wire-buffer.ts';

/** How values are made safe inside a line. */
export interface CopyQuoting {
  readonly delimiter: Uint8Array;
  readonly nullText: Uint8Array;
  /** Treats the value of column `index` that was written from `start` to the end of the buffer. */
  quote(out: WireBuffer, start: number, index: number): void;
}

const BACKSLASH = 92;
const NEWLINE = 10;
const RETURN = 13;

export function copyQuoting(format: CopyFormat, columns: readonly Column[]): CopyQuoting {
  const parts = { delimiter: encoder.encode(format.delimiter), nullText: encoder.encode(format.nullText) };
  const quote = format.format === 'csv' ? csvQuote(format, columns.length) : textEscape(format);
  return { ...parts, quote };
}

/** Text format: backslash, delimiter and control characters get a backslash; the control characters their letters. */
function textEscape(format: CopyFormat): CopyQuoting['quote'] {
  const escapes = new Uint8Array(256);
  for (const [code, letter] of controlLetters) escapes[code] = letter.charCodeAt(0);
  escapes[BACKSLASH] = BACKSLASH;
  escapes[format.delimiter.charCodeAt(0)] ||= format.delimiter.charCodeAt(0);
  return (out, start) => {
    const end = out.position;
    let extra = 0;
    for (let at = start; at < end; at++) if (escapes[out.bytes[at]!] !== 0) extra++;
    if (extra === 0) return;
    out.reserve(extra);
    const { bytes } = out;
    // From the end backwards, so that the value widens in place.
    for (let from = end - 1, to = end + extra - 1; from >= start; from--) {
      const letter = escapes[bytes[from]!]!;
      bytes[to--] = letter === 0 ? bytes[from]! : letter;
      if (letter !== 0) bytes[to--] = BACKSLASH;
    }
    out.position = end + extra;
  };
}

const controlLetters: readonly (readonly [number, string])[] = [
  [8, 'b'],
  [9, 't'],
  [10, 'n'],
  [11, 'v'],
  [12, 'f'],
  [13, 'r'],
];

/** CSV format: quotes around a value that holds a special character or could be taken for NULL or for the end of data. */
function csvQuote(format: CopyFormat, columnCount: number): CopyQuoting['quote'] {
  const quoteByte = format.quote.charCodeAt(0);
  const escapeByte = format.escape.charCodeAt(0);
  const delimiterByte = format.delimiter.charCodeAt(0);
  const nullText = encoder.encode(format.nullText);
  const endMarker = columnCount === 1 ? encoder.encode('\\.') : null;
  const forced = new Set(format.forceQuote);
  return (out, start, index) => {
    const end = out.position;
    let needed = forced.has(index);
    let escapes = 0;
    for (let at = start; at < end; at++) {
      const byte = out.bytes[at]!;
      if (byte === quoteByte || byte === escapeByte) escapes++;
      if (byte === quoteByte || byte === delimiterByte || byte === NEWLINE || byte === RETURN) needed = true;
    }
    const value = out.bytes.subarray(start, end);
    needed ||= equalBytes(value, nullText) || (endMarker !== null && equalBytes(value, endMarker));
    if (!needed) return;
    out.reserve(escapes + 2);
    const { bytes } = out;
    let to = end + escapes + 1;
    out.position = to + 1;
    bytes[to--] = quoteByte;
    for (let from = end - 1; from >= start; from--) {
      const byte = bytes[from]!;
      bytes[to--] = byte;
      if (byte === quoteByte || byte === escapeByte) bytes[to--] = escapeByte;
    }
    bytes[to] = quoteByte;
  };
}

function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}

const encoder = new TextEncoder();
