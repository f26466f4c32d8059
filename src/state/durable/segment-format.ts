import { ByteReader, ByteWriter } from '../../base/index.ts';
import type { StateBlock } from '../state-store.ts';

/*
 * A segment, little endian:
 *   8 bytes magic
 *   frames: u32 bytes of the payload, u32 CRC-32C of it, payload: blocks of one table, in order of the key group, about 64 KB
 *   footer: JSON (SegmentFooter)
 *   trailer: u64 offset of the footer, u32 bytes of the footer, u32 CRC-32C of the footer, 8 bytes magic
 * The CRC-32C of the whole file and the sum of its digests stand in the manifest.
 */
export const SEGMENT_MAGIC = new TextEncoder().encode('FSQLSEG1');
export const FRAME_HEADER_BYTES = 8;
export const TRAILER_BYTES = 24;

export interface FrameEntry {
  /** Index into `tables`. */
  readonly table: number;
  readonly offset: number;
  readonly bytes: number;
}

export interface SegmentFooter {
  /** The file's own name, so that a file in the place of another is noticed. */
  readonly name: string;
  /** Operator id and table name. */
  readonly tables: readonly (readonly [operatorId: string, table: string])[];
  readonly frames: readonly FrameEntry[];
  readonly blocks: number;
  readonly rows: number;
  /** By key group. */
  readonly digests: Readonly<Record<number, string>>;
}

export function writeBlock(writer: ByteWriter, block: StateBlock): void {
  writeHead(writer, block);
  writer.raw(block.upserts);
  writer.block(block.deletes);
}

/** What stands before and behind the upserts of a block. */
export function aroundUpserts(block: StateBlock): { readonly head: Uint8Array; readonly tail: Uint8Array } {
  const [head, tail] = [new ByteWriter(), new ByteWriter()];
  writeHead(head, block);
  tail.block(block.deletes);
  return { head: head.take(), tail: tail.take() };
}

function writeHead(writer: ByteWriter, block: StateBlock): void {
  writer.uint16(block.keyGroup);
  writer.uint32(block.upsertCount);
  writer.uint32(block.deleteCount);
  writer.uint32(block.upserts.length);
}

/** The blocks of a frame. Their bytes are copies: they cross threads, and a view would take the whole frame along. */
export function readBlocks(payload: Uint8Array, operatorId: string, table: string): StateBlock[] {
  const reader = new ByteReader(payload);
  const blocks: StateBlock[] = [];
  while (reader.remaining > 0) {
    const keyGroup = reader.uint16();
    const upsertCount = reader.uint32();
    const deleteCount = reader.uint32();
    const upserts = reader.block().slice();
    const deletes = reader.block().slice();
    blocks.push({ operatorId, table, keyGroup, upserts, deletes, upsertCount, deleteCount });
  }
  return blocks;
}

/** What a run of the base holds: one block without its place, which is in the key. */
export function encodeRun(block: StateBlock): Uint8Array {
  const writer = new ByteWriter(block.upserts.length + block.deletes.length + 18);
  writeBlock(writer, block);
  return writer.take();
}
