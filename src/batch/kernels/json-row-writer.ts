import { RangeCopier, rangesLength } from '../copy-bytes.ts';
import { type ScratchMemory, scratchMemory } from './scratch-memory.ts';

/** How a column is written: texts as strings, raw bytes as they are. */
export type JsonValueKind = 'integer' | 'bool' | 'text' | 'raw' | 'timestamp' | 'timestamptz';

export interface JsonRowColumn {
  /** Comma, quoted key and colon. */
  readonly key: Uint8Array;
  readonly kind: JsonValueKind;
}

/** Row r has data[starts[r], ends[r]). */
interface JsonRowTexts {
  readonly data: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** Values of a column: slots, or texts, by its kind. */
export type JsonRowValues = { readonly valid: Uint8Array | null } & ({ readonly f64: Float64Array } | JsonRowTexts);

const COLUMN_BYTES = 32;
const KIND_CODE: Record<JsonValueKind, number> = { integer: 1, bool: 2, text: 3, raw: 4, timestamp: 5, timestamptz: 6 };
/** Bytes of the longest value, quotes included; of a byte of text. NULL takes four. */
const VALUE_BYTES_MAX: Record<JsonValueKind, number> = { integer: 20, bool: 5, text: 4, raw: 4, timestamp: 29, timestamptz: 30 };
const TEXT_BYTE_MAX = 6;
/** The kernel reads and writes so far beyond the end. */
const SLACK = 16;
/** Longer results are left to the twin, lest one batch of huge texts makes the memory large for good. */
const OUT_BYTES_MAX = 64 * 1024 * 1024;

/** Writes rows as JSON objects in the kernel. */
export class JsonRowWriter {
  readonly #columns: readonly JsonRowColumn[];
  readonly #ignoreNulls: boolean;
  readonly #separator: number;
  readonly #rowBytesMax: number;

  constructor(columns: readonly JsonRowColumn[], options: { ignoreNulls: boolean; timestampSeparator: ' ' | 'T' }) {
    this.#columns = columns;
    this.#ignoreNulls = options.ignoreNulls;
    this.#separator = options.timestampSeparator.charCodeAt(0);
    this.#rowBytesMax = columns.reduce((sum, { key, kind }) => sum + key.length + VALUE_BYTES_MAX[kind], 2);
  }

  /** Null when there is a value that only the twin knows to write, or too much text. */
  write(values: readonly JsonRowValues[], rowCount: number): JsonRowTexts | null {
    const texts = new TextPlacer(values, rowCount);
    const outBytes = this.#rowBytesMax * rowCount + TEXT_BYTE_MAX * texts.usedBytes + SLACK;
    if (outBytes > OUT_BYTES_MAX) return null;
    const memory = scratchMemory();
    const keyBytes = this.#columns.reduce((sum, { key }) => sum + key.length, 0);
    const columnBytes = COLUMN_BYTES + 9 * rowCount + 4;
    memory.begin(outBytes + texts.sizeBytes + keyBytes + values.length * columnBytes + 4 * rowCount + SLACK, 6 * values.length + 3);
    const columns = memory.take(values.length * COLUMN_BYTES);
    const records = new Int32Array(memory.bytes.buffer, columns, (values.length * COLUMN_BYTES) >> 2);
    values.forEach((value, index) => {
      const { key, kind } = this.#columns[index]!;
      const place = 'data' in value ? texts.place(memory, value) : { first: memory.put(value.f64, rowCount), ends: 0, text: 0 };
      const valid = value.valid === null ? 0 : memory.put(value.valid, rowCount);
      const keyAt = memory.put(key, key.length);
      records.set([KIND_CODE[kind], keyAt, key.length, place.first, place.ends, place.text, valid, this.#separator], (index * COLUMN_BYTES) >> 2);
    });
    const ends = memory.take(4 * rowCount);
    const out = memory.take(outBytes);
    const length = memory.kernels.writeJsonRows(columns, values.length, rowCount, this.#ignoreNulls ? 1 : 0, out, ends);
    return length < 0 ? null : rowsFrom(memory, { out, length, ends, rowCount });
  }
}

function rowsFrom(memory: ScratchMemory, at: { out: number; length: number; ends: number; rowCount: number }): JsonRowTexts {
  // Not cleared first: all of it is written.
  const data = Buffer.allocUnsafeSlow(at.length);
  data.set(memory.bytes.subarray(at.out, at.out + at.length));
  const ends = new Int32Array(memory.bytes.buffer, at.ends, at.rowCount).slice();
  const starts = new Int32Array(at.rowCount);
  starts.set(ends.subarray(0, -1), 1);
  return { data: new Uint8Array(data.buffer), starts, ends };
}

/** The part of a buffer that columns of one batch refer to. */
interface TextRange {
  start: number;
  end: number;
  usedBytes: number;
  /** Where it was put; 0 = not yet. */
  address: number;
}

/** Copies text into the kernel's memory: a buffer's whole range where most of it is used, and otherwise column by column. */
class TextPlacer {
  readonly #rowCount: number;
  readonly #ranges = new Map<Uint8Array, TextRange>();

  constructor(values: readonly JsonRowValues[], rowCount: number) {
    this.#rowCount = rowCount;
    for (const value of values) if ('data' in value) this.#add(value);
  }

  get usedBytes(): number {
    return [...this.#ranges.values()].reduce((sum, range) => sum + range.usedBytes, 0);
  }

  /** At most so much is put. */
  get sizeBytes(): number {
    return [...this.#ranges.values()].reduce((sum, range) => sum + Math.max(range.usedBytes, isTight(range) ? range.end - range.start : 0), 0);
  }

  /** Addresses of starts and ends, and what they count from. */
  place(memory: ScratchMemory, texts: JsonRowTexts): { first: number; ends: number; text: number } {
    const { data, starts, ends } = texts;
    const rowCount = this.#rowCount;
    const range = this.#ranges.get(data)!;
    if (isTight(range)) {
      if (range.address === 0) range.address = memory.put(data.subarray(range.start, range.end), range.end - range.start);
      return { first: memory.put(starts, rowCount), ends: memory.put(ends, rowCount), text: range.address - range.start };
    }
    const first = memory.take(4 * (rowCount + 1));
    const text = memory.take(rangesLength(starts, ends, rowCount));
    const offsets = new Int32Array(memory.bytes.buffer, first, rowCount + 1);
    new RangeCopier(data, memory.bytes).copyAll({ starts, ends, rowCount }, text, offsets);
    return { first, ends: first + 4, text };
  }

  #add({ data, starts, ends }: JsonRowTexts): void {
    let range = this.#ranges.get(data);
    if (range === undefined) {
      range = { start: data.length, end: 0, usedBytes: 0, address: 0 };
      this.#ranges.set(data, range);
    }
    for (let row = 0; row < this.#rowCount; row++) {
      const start = starts[row]!;
      const end = ends[row]!;
      // Empty texts and NULLs lie anywhere.
      if (start === end) continue;
      range.usedBytes += end - start;
      if (start < range.start) range.start = start;
      if (end > range.end) range.end = end;
    }
  }
}

function isTight(range: TextRange): boolean {
  return range.end - range.start <= 2 * range.usedBytes;
}
