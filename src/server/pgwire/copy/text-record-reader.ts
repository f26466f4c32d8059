import { SqlError, SqlState } from '../../../base/index.ts';
import type { CopyFormat } from '../session-contract.ts';
import type { CopyField, RecordReader } from './copy-decoder.ts';
import { PendingBytes } from './pending-bytes.ts';

const NEWLINE = 10;
const RETURN = 13;
const BACKSLASH = 92;
const DOT = 46;

/**
 * Records of the text format: one line each, fields between delimiters, backslash escapes (\b \f \n \r \t \v, \ooo, \xhh, backslash and any
 * other character stands for itself), `\N` (NULL text) as it was written before unescaping, `\.` alone ends the data.
 */
export class TextRecordReader implements RecordReader {
  readonly #delimiter: number;
  readonly #nullText: Uint8Array;
  readonly #pending = new PendingBytes();
  /** Bytes of the unfinished line that are known to hold no line end. */
  #scanned = 0;
  #line = 0;
  #ended = false;

  constructor(format: CopyFormat) {
    this.#delimiter = format.delimiter.charCodeAt(0);
    this.#nullText = new TextEncoder().encode(format.nullText);
  }

  get line(): number {
    return this.#line;
  }

  get ended(): boolean {
    return this.#ended;
  }

  *read(bytes: Uint8Array, last: boolean): Iterable<CopyField[]> {
    if (this.#ended) return;
    this.#pending.append(bytes);
    for (;;) {
      const available = this.#pending.bytes;
      const end = this.#lineEnd(available);
      if (end < 0 && !(last && available.length > 0)) return;
      const line = available.subarray(0, end < 0 ? available.length : end);
      this.#pending.consume(end < 0 ? available.length : end + 1);
      this.#scanned = 0;
      this.#line++;
      const content = line.length > 0 && line[line.length - 1] === RETURN ? line.subarray(0, line.length - 1) : line;
      if (content.length === 2 && content[0] === BACKSLASH && content[1] === DOT) {
        this.#ended = true;
        return;
      }
      yield this.#fields(content);
    }
  }

  /** A newline after a backslash belongs to the data. */
  #lineEnd(bytes: Uint8Array): number {
    for (let at = this.#scanned; at < bytes.length; at++) {
      if (bytes[at] === BACKSLASH) {
        if (at + 1 >= bytes.length) {
          this.#scanned = at;
          return -1;
        }
        at++;
      } else if (bytes[at] === NEWLINE) {
        return at;
      }
    }
    this.#scanned = bytes.length;
    return -1;
  }

  #fields(line: Uint8Array): CopyField[] {
    const fields: CopyField[] = [];
    let start = 0;
    let escaped = false;
    for (let at = 0; at <= line.length; at++) {
      if (at < line.length && line[at] === BACKSLASH) {
        escaped = true;
        at++;
      } else if (at === line.length || line[at] === this.#delimiter) {
        fields.push(this.#field(line.subarray(start, at), escaped));
        start = at + 1;
        escaped = false;
      }
    }
    if (start <= line.length && line[line.length - 1] === BACKSLASH && escaped) fields.push(this.#field(line.subarray(start), true));
    return fields;
  }

  #field(raw: Uint8Array, escaped: boolean): CopyField {
    if (raw.length === this.#nullText.length && raw.every((byte, at) => byte === this.#nullText[at])) return null;
    return escaped ? unescapeField(raw) : raw;
  }
}

const letters: ReadonlyMap<number, number> = new Map([
  [0x62, 8],
  [0x66, 12],
  [0x6e, 10],
  [0x72, 13],
  [0x74, 9],
  [0x76, 11],
]);

function unescapeField(raw: Uint8Array): Uint8Array {
  const out = new Uint8Array(raw.length);
  let length = 0;
  for (let at = 0; at < raw.length; at++) {
    if (raw[at] !== BACKSLASH || at + 1 >= raw.length) {
      out[length++] = raw[at]!;
      continue;
    }
    const next = raw[++at]!;
    if (next >= 0x30 && next <= 0x37) {
      const digits = digitsAt(raw, at, { radix: 8, most: 3 });
      out[length++] = digits.value & 0xff;
      at += digits.count - 1;
    } else if (next === 0x78 && digitsAt(raw, at + 1, { radix: 16, most: 2 }).count > 0) {
      const digits = digitsAt(raw, at + 1, { radix: 16, most: 2 });
      out[length++] = digits.value;
      at += digits.count;
    } else {
      out[length++] = letters.get(next) ?? next;
    }
  }
  if (out.subarray(0, length).includes(0)) {
    throw new SqlError({ code: SqlState.characterNotInRepertoire, message: 'invalid byte sequence for encoding "UTF8": 0x00' });
  }
  return out.subarray(0, length);
}

function digitsAt(bytes: Uint8Array, start: number, limits: { radix: number; most: number }): { value: number; count: number } {
  let value = 0;
  let count = 0;
  while (count < limits.most) {
    const digit = Number.parseInt(String.fromCharCode(bytes[start + count] ?? 0), limits.radix);
    if (Number.isNaN(digit)) break;
    value = value * limits.radix + digit;
    count++;
  }
  return { value, count };
}
