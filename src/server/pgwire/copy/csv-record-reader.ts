import { SqlError, SqlState } from '../../../base/index.ts';
import type { CopyFormat } from '../session-contract.ts';
import type { CopyField, RecordReader } from './copy-decoder.ts';
import { PendingBytes } from './pending-bytes.ts';

const NEWLINE = 10;
const RETURN = 13;
const BACKSLASH = 92;
const DOT = 46;

/**
 * Records of the CSV format. Quotes may open anywhere in a field, as in PostgreSQL; inside them delimiters and line ends are data, a
 * doubled quote (or the escape character before quote or escape) stands for one. An unquoted field equal to the NULL text is NULL.
 *
 * A last line of `\.` is no record: psql before version 18 sends it behind data that was typed, and servers before 18 took it as the end.
 */
export class CsvRecordReader implements RecordReader {
  readonly #format: { delimiter: number; quote: number; escapeBy: number; nullText: Uint8Array };
  readonly #forceNull: ReadonlySet<number>;
  readonly #forceNotNull: ReadonlySet<number>;
  readonly #pending = new PendingBytes();
  /** Where the search for the end of the record goes on, and whether that is inside quotes. */
  #scanned = 0;
  #inQuotes = false;
  #line = 0;
  #linesInside = 0;
  /** A line of `\.` alone: data where more follows, the end of the data where nothing does. */
  #marker: Uint8Array | null = null;

  constructor(format: CopyFormat) {
    this.#format = {
      delimiter: format.delimiter.charCodeAt(0),
      quote: format.quote.charCodeAt(0),
      escapeBy: format.escape.charCodeAt(0),
      nullText: new TextEncoder().encode(format.nullText),
    };
    this.#forceNull = new Set(format.forceNull);
    this.#forceNotNull = new Set(format.forceNotNull);
  }

  get line(): number {
    return this.#line;
  }

  get ended(): boolean {
    return false;
  }

  *read(bytes: Uint8Array, last: boolean): Iterable<CopyField[]> {
    this.#pending.append(bytes);
    for (;;) {
      const available = this.#pending.bytes;
      const end = this.#recordEnd(available, last);
      if (end < 0 && !(last && available.length > 0)) return;
      if (this.#marker !== null) {
        yield this.#fields(this.#marker);
        this.#marker = null;
      }
      if (end < 0 && this.#inQuotes) {
        this.#line++;
        throw new SqlError({ code: SqlState.badCopyFileFormat, message: 'unterminated CSV quoted field' });
      }
      const record = available.subarray(0, end < 0 ? available.length : end);
      this.#pending.consume(end < 0 ? available.length : end + 1);
      this.#line += 1 + this.#linesInside;
      this.#linesInside = 0;
      this.#scanned = 0;
      const line = record.length > 0 && record[record.length - 1] === RETURN ? record.subarray(0, record.length - 1) : record;
      if (line.length === 2 && line[0] === BACKSLASH && line[1] === DOT) this.#marker = line.slice();
      else yield this.#fields(line);
    }
  }

  #recordEnd(bytes: Uint8Array, last: boolean): number {
    const { quote, escapeBy } = this.#format;
    let at = this.#scanned;
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (this.#inQuotes && byte === escapeBy && escapeBy !== quote) {
        // The escaped character has to be there before the pair can be passed over.
        if (at + 1 >= bytes.length && !last) break;
        at++;
      } else if (byte === quote) {
        this.#inQuotes = !this.#inQuotes;
      } else if (byte === NEWLINE) {
        if (!this.#inQuotes) return at;
        this.#linesInside++;
      }
    }
    this.#scanned = at;
    return -1;
  }

  #fields(record: Uint8Array): CopyField[] {
    const { delimiter, quote, escapeBy } = this.#format;
    const fields: CopyField[] = [];
    let field = new Uint8Array(record.length);
    let length = 0;
    let quoted = false;
    let inQuotes = false;
    for (let at = 0; at < record.length; at++) {
      const byte = record[at]!;
      const next = record[at + 1];
      if (inQuotes && byte === escapeBy && (next === quote || next === escapeBy) && at + 1 < record.length) {
        field[length++] = next!;
        at++;
      } else if (byte === quote) {
        inQuotes = !inQuotes;
        quoted = true;
      } else if (byte === delimiter && !inQuotes) {
        fields.push(this.#finishField(field.subarray(0, length), quoted, fields.length));
        field = new Uint8Array(record.length - at);
        length = 0;
        quoted = false;
      } else {
        field[length++] = byte;
      }
    }
    fields.push(this.#finishField(field.subarray(0, length), quoted, fields.length));
    return fields;
  }

  #finishField(bytes: Uint8Array, quoted: boolean, index: number): CopyField {
    const { nullText } = this.#format;
    const isNullText = bytes.length === nullText.length && bytes.every((byte, at) => byte === nullText[at]);
    if (!isNullText) return bytes;
    if (quoted) return this.#forceNull.has(index) ? null : bytes;
    return this.#forceNotNull.has(index) ? bytes : null;
  }
}
