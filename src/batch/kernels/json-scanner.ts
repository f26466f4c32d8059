import type { JsonScanField } from './json-scan-field.ts';
import { type ChunkLayout, CONFIG_BYTES, JsonScanLayout } from './json-scan-layout.ts';
import { createKernels, type KernelExports } from './kernel-module.ts';

/** Chunks keep source and columns inside the processor's second-level cache. */
const CHUNK_ROWS = 2048;
const CHUNK_BYTES = 512 * 1024;
const PAGE_BYTES = 65_536;

/** Messages to scan: message r is data[starts[r], ends[r]). */
export interface JsonMessages {
  readonly data: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly count: number;
}

/** A field of all rows. `valid`: 0 = key missing, 1 = present, 2 = explicit null; null = present everywhere. */
export interface JsonScanColumn {
  /** 8-byte slots; empty for text and raw, and where no values were asked for. */
  readonly slots: Float64Array;
  /** Ranges of the messages' data; empty unless text. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  valid: Uint8Array | null;
}

export interface JsonScanResult {
  readonly columns: readonly JsonScanColumn[];
  /** Rows the scan did not decide, ascending: what the columns hold there means nothing. */
  readonly slowRows: Int32Array;
  /** Values left to the caller, four numbers each: row, field, start and end of the JSON token in the data. Rows ascend. */
  readonly deferred: Int32Array;
}

/**
 * The schema-driven JSON scan: messages to typed columns in one pass, compiled to WebAssembly. It decides only what it decides exactly as
 * JSON.parse and PostgreSQL would; the rest is handed back as slow rows and deferred values. It remembers the order of keys of the
 * message before, so that messages of one shape are read without looking keys up.
 */
export class JsonScanner {
  readonly #fields: readonly JsonScanField[];
  readonly #kernels: KernelExports;
  readonly #layout: JsonScanLayout;
  #bytes: Uint8Array;
  #words: Int32Array;

  constructor(fields: readonly JsonScanField[]) {
    this.#fields = fields;
    this.#kernels = createKernels();
    this.#layout = new JsonScanLayout(fields, this.#kernels.heapBase());
    this.#bytes = new Uint8Array(this.#kernels.memory.buffer);
    this.#words = new Int32Array(this.#kernels.memory.buffer);
    this.#reserve(this.#layout.chunk(1, 0).end);
    this.#layout.writeSchema(this.#bytes);
  }

  scan(messages: JsonMessages): JsonScanResult {
    const { count } = messages;
    const columns = this.#fields.map((field): JsonScanColumn => {
      const isRead = (field.output ?? 'values') === 'values';
      const textRows = isRead && field.kind === 'text' ? count : 0;
      const fixedRows = !isRead || field.kind === 'text' || field.kind === 'raw' ? 0 : count;
      return { slots: new Float64Array(fixedRows), starts: new Int32Array(textRows), ends: new Int32Array(textRows), valid: null };
    });
    const slowRows: number[] = [];
    const deferred: Int32Array[] = [];
    for (let row = 0; row < count; ) {
      const rows = chunkRows(messages, row);
      this.#scanChunk(messages, { row, rows }, columns);
      const config = this.#layout.config >> 2;
      const deferredWords = this.#words[config + 10]! * 4;
      const slowCount = this.#words[config + 11]!;
      const slowAt = this.#words[config + 7]! >> 2;
      const deferredAt = this.#words[config + 5]! >> 2;
      for (let index = 0; index < slowCount; index++) slowRows.push(row + this.#words[slowAt + index]!);
      if (deferredWords > 0) {
        const part = this.#words.slice(deferredAt, deferredAt + deferredWords);
        for (let at = 0; at < part.length; at += 4) part[at]! += row;
        deferred.push(part);
      }
      row += rows;
    }
    return { columns, slowRows: Int32Array.from(slowRows), deferred: deferred.length === 1 ? deferred[0]! : joinInt32(deferred) };
  }

  #scanChunk(messages: JsonMessages, { row, rows }: { row: number; rows: number }, columns: readonly JsonScanColumn[]): void {
    const { data, starts, ends, count } = messages;
    const { first, last } = rangeOf(messages, row, rows);
    const chunk = this.#layout.chunk(rows, last - first);
    this.#reserve(chunk.end);
    const words = this.#words;
    this.#bytes.set(data.subarray(first, last), chunk.source);
    this.#bytes.fill(0, chunk.source + last - first, chunk.end);
    this.#bytes.fill(0, chunk.columnsStart, chunk.columnsEnd);
    words.set(starts.subarray(row, row + rows), chunk.starts >> 2);
    words.set(ends.subarray(row, row + rows), chunk.ends >> 2);
    this.#layout.writeColumns(words, chunk, rows);
    const { config, root, stack, stackLevels } = this.#layout;
    words.set(
      [root, chunk.starts, chunk.ends, rows, first - chunk.source, chunk.deferred, chunk.deferredMax, chunk.slow, stack, stackLevels, 0, 0],
      config >> 2,
    );
    this.#kernels.scan(config);
    for (let field = 0; field < columns.length; field++) this.#copyOut(columns[field]!, chunk, { field, row, rows, count });
  }

  #copyOut(column: JsonScanColumn, chunk: ChunkLayout, at: { field: number; row: number; rows: number; count: number }): void {
    const { row, rows, count } = at;
    const { slots, ends, valid } = chunk.columns[at.field]!;
    const { buffer } = this.#bytes;
    if (column.slots.length > 0) column.slots.set(new Float64Array(buffer, slots, rows), row);
    if (column.starts.length > 0) {
      column.starts.set(new Int32Array(buffer, slots, rows), row);
      column.ends.set(new Int32Array(buffer, ends, rows), row);
    }
    if (this.#fields[at.field]!.output === 'nothing') return;
    if (column.valid === null && this.#kernels.allPresent(valid, rows) !== 0) return;
    column.valid ??= new Uint8Array(count).fill(1);
    column.valid.set(new Uint8Array(buffer, valid, rows), row);
  }

  #reserve(end: number): void {
    const missing = end + CONFIG_BYTES - this.#kernels.memory.buffer.byteLength;
    if (missing > 0) this.#kernels.memory.grow(Math.ceil(missing / PAGE_BYTES));
    if (this.#bytes.buffer !== this.#kernels.memory.buffer) {
      this.#bytes = new Uint8Array(this.#kernels.memory.buffer);
      this.#words = new Int32Array(this.#kernels.memory.buffer);
    }
  }
}

/** Messages usually lie one behind the other, but need not. */
function rangeOf({ starts, ends }: JsonMessages, row: number, rows: number): { first: number; last: number } {
  let first = 0x7fff_ffff;
  let last = 0;
  for (let at = row; at < row + rows; at++) {
    if (starts[at]! < first) first = starts[at]!;
    if (ends[at]! > last) last = ends[at]!;
  }
  return { first, last };
}

/** At least one message, then as many as fit a chunk. */
function chunkRows({ starts, ends, count }: JsonMessages, row: number): number {
  const rowsMax = Math.min(CHUNK_ROWS, count - row);
  let first = starts[row]!;
  let last = ends[row]!;
  let rows = 1;
  for (; rows < rowsMax; rows++) {
    first = Math.min(first, starts[row + rows]!);
    last = Math.max(last, ends[row + rows]!);
    if (last - first > CHUNK_BYTES) break;
  }
  return rows;
}

function joinInt32(parts: readonly Int32Array[]): Int32Array {
  const joined = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
