import type { CsvDialect } from './csv-options.ts';

/** The fields of one record: field i is data[starts[i], ends[i]), still with its escapes when `escaped[i]`. Reused from record to record. */
export class CsvRecord {
  count = 0;
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  readonly quoted: boolean[] = [];
  readonly escaped: boolean[] = [];
  readonly #dialect: CsvDialect;

  constructor(dialect: CsvDialect) {
    this.#dialect = dialect;
  }

  /** Splits data[start, end), a line end at the end included; returns null or the reason why it is no record. */
  split(data: Uint8Array, start: number, end: number): string | null {
    const { delimiter, quote } = this.#dialect;
    let last = end;
    if (last > start && data[last - 1] === 0x0a) last--;
    if (last > start && data[last - 1] === 0x0d) last--;
    this.count = 0;
    for (let at = start; ; at++) {
      const isQuoted = quote >= 0 && at < last && data[at] === quote;
      const next = isQuoted ? this.#quotedField(data, at, last) : this.#plainField(data, at, last);
      if (next < 0) return 'unterminated CSV quoted field';
      if (next === last) return null;
      if (data[next] !== delimiter) return 'a delimiter is expected after a CSV quoted field';
      at = next;
    }
  }

  /** Text bytes of a field, escapes undone. */
  fieldBytes(data: Uint8Array, field: number): Uint8Array {
    const start = this.starts[field]!;
    const end = this.ends[field]!;
    if (!this.escaped[field]) return data.subarray(start, end);
    const { quote, escapeByte } = this.#dialect;
    const bytes = new Uint8Array(end - start);
    let to = 0;
    for (let at = start; at < end; at++) {
      const byte = data[at]!;
      if ((byte === escapeByte || (escapeByte < 0 && byte === quote)) && at + 1 < end) at++;
      bytes[to++] = data[at]!;
    }
    return bytes.subarray(0, to);
  }

  #plainField(data: Uint8Array, start: number, end: number): number {
    const { delimiter } = this.#dialect;
    let at = start;
    while (at < end && data[at] !== delimiter) at++;
    this.#add({ start, end: at, quoted: false, escaped: false });
    return at;
  }

  /** Returns the position behind the closing quote, or -1. */
  #quotedField(data: Uint8Array, start: number, end: number): number {
    const { quote, escapeByte } = this.#dialect;
    let escaped = false;
    for (let at = start + 1; at < end; at++) {
      const byte = data[at]!;
      if (byte === escapeByte && escapeByte !== quote) {
        escaped = true;
        at++;
      } else if (byte === quote) {
        const isDoubled = escapeByte < 0 && at + 1 < end && data[at + 1] === quote;
        if (!isDoubled) {
          this.#add({ start: start + 1, end: at, quoted: true, escaped });
          return at + 1;
        }
        escaped = true;
        at++;
      }
    }
    return -1;
  }

  #add(field: { start: number; end: number; quoted: boolean; escaped: boolean }): void {
    const index = this.count++;
    this.starts[index] = field.start;
    this.ends[index] = field.end;
    this.quoted[index] = field.quoted;
    this.escaped[index] = field.escaped;
  }
}
