import { ByteWriter, type FileHandle, type Storage } from '../../base/index.ts';
import { crc32c, Digest, hashBlock, joinedCrc32c } from '../checksum.ts';
import type { SegmentReference, StateBlock } from '../state-store.ts';
import {
  aroundUpserts,
  FRAME_HEADER_BYTES,
  type FrameEntry,
  SEGMENT_MAGIC,
  type SegmentFooter,
  TRAILER_BYTES,
  writeBlock,
} from './segment-format.ts';

const FRAME_BYTES_TARGET = 64 * 1024;
/** A block from here on is handed to the disk as it is: it would be copied three times on its way through the buffers. */
const UNCOPIED_BYTES_MIN = 1024 * 1024;
/** Bytes collected before they are handed to the disk. */
const WRITE_BYTES = 1024 * 1024;

/** Writes one segment, blocks of one table after the other; it is done when the file and its name are durable. */
export class SegmentWriter {
  readonly #storage: Storage;
  readonly #folder: string;
  readonly #name: string;
  readonly #file: FileHandle;
  readonly #pending = new ByteWriter(FRAME_BYTES_TARGET);
  readonly #frame = new ByteWriter(FRAME_BYTES_TARGET);
  readonly #tables: (readonly [operatorId: string, table: string])[] = [];
  readonly #frames: FrameEntry[] = [];
  readonly #digests = new Map<number, Digest>();
  readonly #total = new Digest();
  #offset = 0;
  #crc = 0;
  #blocks = 0;
  #rows = 0;

  private constructor(place: { storage: Storage; folder: string; name: string }, file: FileHandle) {
    this.#storage = place.storage;
    this.#folder = place.folder;
    this.#name = place.name;
    this.#file = file;
    this.#pending.raw(SEGMENT_MAGIC);
  }

  static async open(storage: Storage, folder: string, name: string): Promise<SegmentWriter> {
    return new SegmentWriter({ storage, folder, name }, await storage.open(`${folder}/${name}`, 'create'));
  }

  /** Writes all blocks, in order of table and key group; the order of blocks of one key group is kept. */
  static async write(storage: Storage, place: { folder: string; name: string }, blocks: readonly StateBlock[]): Promise<WrittenSegment> {
    const writer = await SegmentWriter.open(storage, place.folder, place.name);
    return writer.writeAll([...blocks].sort(byPlace));
  }

  /** Adds the blocks and finishes. A file that could not be finished is removed: on a full disk it would take the room of the next one. */
  async writeAll(blocks: Iterable<StateBlock> | AsyncIterable<StateBlock>): Promise<WrittenSegment> {
    try {
      for await (const block of blocks) {
        this.#note(block);
        if (block.upserts.length >= UNCOPIED_BYTES_MIN) await this.#addUncopied(block);
        else if (this.#add(block)) await this.#flush();
      }
      const written = await this.#finish();
      await this.#file.close();
      return written;
    } catch (error) {
      await this.#file.close().catch(() => undefined);
      await this.#storage.remove(`${this.#folder}/${this.#name}`).catch(() => undefined);
      throw error;
    }
  }

  #note(block: StateBlock): void {
    const table = this.#tables.at(-1);
    if (table === undefined || table[0] !== block.operatorId || table[1] !== block.table) {
      this.#endFrame();
      this.#tables.push([block.operatorId, block.table]);
    }
    const hash = hashBlock(block);
    const digest = this.#digests.get(block.keyGroup) ?? new Digest();
    this.#digests.set(block.keyGroup, digest);
    digest.add(hash);
    this.#total.add(hash);
    this.#blocks++;
    this.#rows += block.upsertCount + block.deleteCount;
  }

  /** True when it is time to flush. */
  #add(block: StateBlock): boolean {
    writeBlock(this.#frame, block);
    if (this.#frame.length >= FRAME_BYTES_TARGET) this.#endFrame();
    return this.#pending.length >= WRITE_BYTES;
  }

  /** A frame of its own. */
  async #addUncopied(block: StateBlock): Promise<void> {
    this.#endFrame();
    const { head, tail } = aroundUpserts(block);
    const { upserts } = block;
    // Part of the frame's checksum and of the file's: one look at the bytes serves both.
    const crc = crc32c(upserts);
    this.#beginFrame(head.length + upserts.length + tail.length, crc32c(tail, joinedCrc32c(crc32c(head), crc, upserts.length)));
    this.#pending.raw(head);
    await this.#flush();
    await this.#append(upserts, crc);
    this.#pending.raw(tail);
  }

  async #flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const bytes = this.#pending.take();
    this.#pending.reset();
    await this.#append(bytes);
  }

  async #append(bytes: Uint8Array, crc = crc32c(bytes)): Promise<void> {
    this.#crc = joinedCrc32c(this.#crc, crc, bytes.length);
    await this.#file.append(bytes);
    this.#offset += bytes.length;
  }

  async #finish(): Promise<WrittenSegment> {
    this.#endFrame();
    const digests = Object.fromEntries([...this.#digests].sort(([left], [right]) => left - right).map(([group, digest]) => [group, digest.text()]));
    const rows = this.#rows;
    const footer: SegmentFooter = { name: this.#name, tables: this.#tables, frames: this.#frames, blocks: this.#blocks, rows, digests };
    const encoded = new TextEncoder().encode(JSON.stringify(footer));
    const trailer = new ByteWriter(TRAILER_BYTES);
    trailer.int64(BigInt(this.#offset + this.#pending.length));
    trailer.uint32(encoded.length);
    trailer.uint32(crc32c(encoded));
    trailer.raw(SEGMENT_MAGIC);
    this.#pending.raw(encoded);
    this.#pending.raw(trailer.bytes());
    await this.#flush();
    await this.#file.sync();
    await this.#storage.syncDirectory(this.#folder);
    return {
      reference: { file: `${this.#folder}/${this.#name}`, bytes: this.#offset, rows, crc32c: this.#crc, digests },
      digest: this.#total.text(),
      operators: new Set(this.#tables.map(([operatorId]) => operatorId)),
    };
  }

  #endFrame(): void {
    if (this.#frame.length === 0) return;
    const payload = this.#frame.bytes();
    this.#beginFrame(payload.length, crc32c(payload));
    this.#pending.raw(payload);
    this.#frame.reset();
  }

  #beginFrame(payloadBytes: number, crc: number): void {
    this.#frames.push({ table: this.#tables.length - 1, offset: this.#offset + this.#pending.length, bytes: FRAME_HEADER_BYTES + payloadBytes });
    this.#pending.uint32(payloadBytes);
    this.#pending.uint32(crc);
  }
}

export interface WrittenSegment {
  readonly reference: SegmentReference;
  /** Sum of the digests of all key groups. */
  readonly digest: string;
  readonly operators: ReadonlySet<string>;
}

function byPlace(left: StateBlock, right: StateBlock): number {
  if (left.operatorId !== right.operatorId) return left.operatorId < right.operatorId ? -1 : 1;
  if (left.table !== right.table) return left.table < right.table ? -1 : 1;
  return left.keyGroup - right.keyGroup;
}
