import type { JsonScanField } from './json-scan-field.ts';
import { type BatchLayout, CONFIG_BYTES, JsonScanLayout } from './json-scan-layout.ts';
import { createKernels, type KernelExports } from './kernel-module.ts';

/** Source text passes through the kernel's memory in windows that stay, with the columns, inside the processor's second-level cache. */
const WINDOW_BYTES = 128 * 1024;
const PAGE_BYTES = 65_536;

/** Messages to scan: message r is data[starts[r], ends[r]). */
export interface JsonMessages {
  readonly data: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly count: number;
  /** Bytes of all messages together. */
  readonly bytes: number;
}

/** A field of all rows. `valid`: 0 = missing or null, 1 = present; null = present everywhere, or not asked for. */
export interface JsonScanColumn {
  /** 8-byte slots; empty for text and raw, and where no values were asked for. */
  readonly slots: Float64Array;
  /** Ranges of `text`; empty unless text. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly valid: Uint8Array | null;
}

export interface JsonScanResult {
  /** Views of one buffer, which is the caller's. */
  readonly columns: readonly JsonScanColumn[];
  /** The texts of all text columns, a copy of what is in the messages. */
  readonly text: Uint8Array;
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
  readonly #hasText: boolean;
  #bytes: Uint8Array;
  #words: Int32Array;

  constructor(fields: readonly JsonScanField[]) {
    this.#fields = fields;
    this.#kernels = createKernels();
    this.#layout = new JsonScanLayout(fields, this.#kernels.heapBase());
    this.#hasText = fields.some((field) => field.kind === 'text' && isRead(field));
    this.#bytes = new Uint8Array(this.#kernels.memory.buffer);
    this.#words = new Int32Array(this.#kernels.memory.buffer);
    this.#reserve(this.#layout.batch(1, 0, 0).end);
    this.#layout.writeSchema(this.#bytes);
  }

  scan(messages: JsonMessages): JsonScanResult {
    const { starts, ends, count, bytes } = messages;
    const windows = windowsOf(messages);
    const windowBytes = windows.reduce((most, { first, last }) => Math.max(most, last - first), 0);
    const batch = this.#layout.batch(count, windowBytes, this.#hasText ? bytes : 0);
    this.#reserve(batch.end);
    const words = this.#words;
    this.#bytes.fill(0, batch.cleared, batch.text);
    words.set(starts.subarray(0, count), batch.starts >> 2);
    words.set(ends.subarray(0, count), batch.ends >> 2);
    this.#layout.writeColumns(words, batch, count);
    const { config, root, stack, stackLevels } = this.#layout;
    words.set([root, batch.starts, batch.ends, batch.deferred, batch.deferredMax, batch.slow, stack, stackLevels, batch.text, 0, 0, 0], config >> 2);
    for (const window of windows) {
      const end = batch.source + window.last - window.first;
      this.#bytes.set(messages.data.subarray(window.first, window.last), batch.source);
      this.#bytes.fill(0, end, Math.min(end + this.#layout.sourceSlack, batch.end));
      this.#kernels.scan(config, window.from, window.to, window.first - batch.source);
    }
    return this.#result(batch, count);
  }

  #result(batch: BatchLayout, count: number): JsonScanResult {
    const words = this.#words;
    const config = this.#layout.config >> 2;
    const deferredCount = words[config + 9]!;
    const slowCount = words[config + 10]!;
    const textBytes = words[config + 11]!;
    const allPresent = this.#fields.map(
      (field, index) => field.output === 'nothing' || this.#kernels.finishValid(batch.columns[index]!.valid, count) !== 0,
    );
    // Copied at one go into memory that is not cleared first: buffers of their own for all columns cost more than scanning some.
    const own = Buffer.allocUnsafeSlow(batch.text + textBytes - batch.columnsStart);
    own.set(this.#bytes.subarray(batch.columnsStart, batch.text + textBytes));
    const columns = this.#fields.map((field, index): JsonScanColumn => {
      const { slots, ends, valid } = batch.columns[index]!;
      const at = (address: number): number => address - batch.columnsStart;
      const isText = field.kind === 'text' && isRead(field);
      const isFixed = !isText && field.kind !== 'raw' && isRead(field);
      return {
        slots: isFixed ? new Float64Array(own.buffer, at(slots), count) : NO_SLOTS,
        starts: isText ? new Int32Array(own.buffer, at(slots), count) : NO_RANGES,
        ends: isText ? new Int32Array(own.buffer, at(ends), count) : NO_RANGES,
        valid: allPresent[index] ? null : new Uint8Array(own.buffer, at(valid), count),
      };
    });
    return {
      columns,
      text: own.subarray(batch.text - batch.columnsStart),
      slowRows: words.slice(batch.slow >> 2, (batch.slow >> 2) + slowCount),
      deferred: words.slice(batch.deferred >> 2, (batch.deferred >> 2) + deferredCount * 4),
    };
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

const NO_SLOTS = new Float64Array(0);
const NO_RANGES = new Int32Array(0);

function isRead(field: JsonScanField): boolean {
  return (field.output ?? 'values') === 'values';
}

/** Messages [from, to), all inside data[first, last). */
interface Window {
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly last: number;
}

/** At least one message each, then as many as fit. Messages usually lie one behind the other, but need not. */
function windowsOf({ starts, ends, count }: JsonMessages): Window[] {
  const windows: Window[] = [];
  for (let from = 0; from < count; ) {
    let first = starts[from]!;
    let last = ends[from]!;
    let to = from + 1;
    for (; to < count; to++) {
      const widerFirst = Math.min(first, starts[to]!);
      const widerLast = Math.max(last, ends[to]!);
      if (widerLast - widerFirst > WINDOW_BYTES) break;
      first = widerFirst;
      last = widerLast;
    }
    windows.push({ from, to, first, last });
    from = to;
  }
  return windows;
}
