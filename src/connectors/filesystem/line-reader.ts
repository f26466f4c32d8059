import { type FileHandle, open as openFile } from 'node:fs/promises';
import type { SqlError } from '../../base/index.ts';
import type { EncodedMessages, SourceChunk, SourceContext, SourceReader, Split, SplitStatus } from '../../spi/index.ts';
import { fileError, truncatedError } from './options.ts';
import { type Stripes, stripeAfter, stripesOfParameters } from './stripes.ts';

const BLOCK_BYTES = 1024 * 1024;
const LINE_BYTES_MAX = 64 * 1024 * 1024;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** A read block waiting to be cut into lines: whole lines only, from file offset `offset`. */
interface Block {
  /** All of the buffer that was read to. */
  readonly buffer: Buffer;
  readonly bytes: Buffer;
  readonly offset: number;
  at: number;
}

interface OpenSplit {
  readonly split: Split;
  readonly end: number;
  /** Null: all that lies before the end. */
  readonly stripes: Stripes | null;
  handle: FileHandle | null;
  /** The range being read ends here: a stripe, or all of the split. */
  rangeEnd: number;
  /** Next offset to read from the file, and to hand out. */
  readOffset: number;
  position: number;
  block: Block | null;
  /** Cut up, but the lines of the last poll lie in it. */
  spent: Block | null;
  /** Where the next block may be read to. */
  readonly spare: Buffer[];
  next: Promise<void> | null;
  ready: Block | null;
  failure: SqlError | null;
}

/** The lines of one poll: where they lie in their block, and in the file. Written anew by the next poll. */
class Lines {
  readonly capacity: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly positions: Float64Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.starts = new Int32Array(capacity);
    this.ends = new Int32Array(capacity);
    this.positions = new Float64Array(capacity);
  }
}

/** Reads lines of files as messages, the next block of each split ahead of need. */
export class LineReader implements SourceReader {
  readonly #context: SourceContext;
  readonly #splits = new Map<string, OpenSplit>();
  #turn = 0;
  #closed = false;
  #lines = new Lines(0);

  constructor(context: SourceContext) {
    this.#context = context;
  }

  poll(rowsMax: number, limit: (split: string) => number): SourceChunk | null {
    const open = [...this.#splits.values()];
    for (let i = 0; i < open.length; i++) {
      const split = open[(this.#turn + i) % open.length]!;
      const chunk = this.#pollSplit(split, rowsMax, limit(split.split.id));
      if (chunk === null) continue;
      this.#turn = (this.#turn + i + 1) % open.length;
      return chunk;
    }
    return null;
  }

  addSplit(split: Split, position: number): void {
    const end = split.end ?? Number.MAX_SAFE_INTEGER;
    const blocks = { block: null, spent: null, spare: [], next: null, ready: null };
    const stripes = stripesOfParameters(split.parameters);
    const rangeEnd = stripes === null ? end : position;
    const open: OpenSplit = { split, end, stripes, handle: null, rangeEnd, readOffset: position, position, ...blocks, failure: null };
    this.#splits.set(split.id, open);
    this.#readAhead(open);
  }

  removeSplit(split: string): void {
    const open = this.#splits.get(split);
    this.#splits.delete(split);
    if (open !== undefined) void this.#closeSplit(open);
  }

  status(): readonly SplitStatus[] {
    return [...this.#splits.values()].map(({ split, position, end }) => ({
      split: split.id,
      endPosition: split.end,
      oldestPosition: 0,
      finished: position >= end,
    }));
  }

  problem(): SqlError | null {
    return null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#splits.values()].map((open) => this.#closeSplit(open)));
  }

  #pollSplit(open: OpenSplit, rowsMax: number, limit: number): SourceChunk | null {
    if (open.failure !== null) throw open.failure;
    if (open.spent !== null) open.spare.push(open.spent.buffer);
    open.spent = null;
    if (open.position >= Math.min(open.end, limit)) return null;
    if (open.block === null) {
      open.block = open.ready;
      open.ready = null;
      if (open.block !== null) this.#readAhead(open);
    }
    if (open.block === null) return null;
    return this.#cut(open, open.block, { rowsMax, limit });
  }

  /** Up to rowsMax lines of the block that start before the limit. */
  #cut(open: OpenSplit, block: Block, bounds: { readonly rowsMax: number; readonly limit: number }): SourceChunk | null {
    const { bytes, offset } = block;
    if (this.#lines.capacity < bounds.rowsMax) this.#lines = new Lines(bounds.rowsMax);
    const { starts, ends, positions } = this.#lines;
    let count = 0;
    let at = block.at;
    while (count < bounds.rowsMax && at < bytes.length && offset + at < bounds.limit) {
      const found = bytes.indexOf(LINE_FEED, at);
      const lineEnd = found < 0 ? bytes.length : found;
      const textEnd = lineEnd > at && bytes[lineEnd - 1] === CARRIAGE_RETURN ? lineEnd - 1 : lineEnd;
      if (textEnd > at) {
        starts[count] = at;
        ends[count] = textEnd;
        positions[count] = offset + at;
        count++;
      }
      at = lineEnd + 1;
    }
    block.at = at;
    open.position = offset + Math.min(at, bytes.length);
    if (at >= bytes.length) {
      open.spent = block;
      open.block = null;
    }
    if (count === 0) return null;
    return this.#chunk(open, { count, data: bytes, starts, ends, reused: true }, positions.subarray(0, count));
  }

  #chunk(open: OpenSplit, messages: EncodedMessages, positions: Float64Array): SourceChunk {
    return {
      split: open.split.id,
      nextPosition: open.position,
      rowCount: messages.count,
      positions,
      messages,
      keys: null,
      columns: null,
      weights: null,
      timestampsMs: null,
      metadata: new Map(),
    };
  }

  #readAhead(open: OpenSplit): void {
    if (open.next !== null || open.ready !== null || this.#closed || open.readOffset >= open.end) return;
    open.next = this.#readBlock(open)
      .then((block) => {
        open.ready = block;
      })
      .catch((error: unknown) => {
        open.failure = fileError(error, open.split.parameters.path!);
      })
      .finally(() => {
        open.next = null;
        this.#context.wake();
      });
  }

  /** Reads whole lines: a block ends at its last line feed, grows when a line is longer, and at the end of its range takes what is there. */
  async #readBlock(open: OpenSplit): Promise<Block> {
    open.handle ??= await openFile(open.split.parameters.path!, 'r');
    if (open.readOffset >= open.rangeEnd && open.stripes !== null) {
      const range = await stripeAfter(open.handle, open.stripes, open.readOffset);
      if (range === null) throw truncatedError(open.split);
      open.readOffset = range.start;
      open.rangeEnd = range.end;
    }
    for (let size = BLOCK_BYTES; ; size *= 2) {
      const wanted = Math.min(size, open.rangeEnd - open.readOffset);
      const buffer = takeBuffer(open.spare, wanted);
      const { bytesRead } = await open.handle.read(buffer, 0, wanted, open.readOffset);
      if (bytesRead < wanted) throw truncatedError(open.split);
      const atEnd = open.readOffset + bytesRead >= open.rangeEnd;
      const length = atEnd ? bytesRead : buffer.lastIndexOf(LINE_FEED, bytesRead - 1) + 1;
      if (length === 0 && !atEnd && size < LINE_BYTES_MAX) continue;
      const block = { buffer, bytes: buffer.subarray(0, length === 0 ? bytesRead : length), offset: open.readOffset, at: 0 };
      open.readOffset += block.bytes.length;
      if (atEnd) open.readOffset = open.rangeEnd;
      return block;
    }
  }

  async #closeSplit(open: OpenSplit): Promise<void> {
    await open.next;
    await open.handle?.close();
    open.handle = null;
  }
}

/** A spare one if it is large enough; a smaller one would never be asked for again. */
function takeBuffer(spare: Buffer[], bytes: number): Buffer {
  const buffer = spare.pop();
  return buffer !== undefined && buffer.length >= bytes ? buffer : Buffer.allocUnsafeSlow(bytes);
}
