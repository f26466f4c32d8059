import { Batch, encodeBatch, hashRows, keyColumns, keyGroupOf, orderByTarget, sliceBatch } from '../../batch/index.ts';
import type { KeyGroupRange, StateTableDeclaration } from '../../spi/index.ts';
import type { StateBlock } from '../../state/index.ts';
import { storedColumns } from './exact-keys.ts';
import type { StateSnapshot, TableSnapshot } from './task-state.ts';

/** Rows encoded between two pauses. */
const STEP_ROWS = 16 * 1024;

/** Of a job and a subtask of it. */
export interface EncodingKeyGroups {
  readonly maxParallelism: number;
  /** Of a replicated table others write the rest. */
  readonly owned: KeyGroupRange;
}

/** The blocks of a snapshot: rows grouped by key group and encoded. Pauses after each part of the work, so that the dataflow goes on in between. */
export function* encodeSnapshot(snapshot: StateSnapshot, keyGroups: EncodingKeyGroups): Generator<void, StateBlock[]> {
  const blocks: StateBlock[] = [];
  for (const table of snapshot.tables) yield* encodeTable(table, keyGroups, blocks);
  return blocks;
}

function keyGroupsOfRows(rows: Batch, partitionKeyCount: number, maxParallelism: number): Int32Array {
  const groups = new Int32Array(rows.rowCount);
  const hashes = new Uint32Array(rows.rowCount);
  const keys = Array.from({ length: partitionKeyCount }, (_, index) => index);
  hashRows(keyColumns(rows, keys), rows.rowCount, hashes);
  for (let row = 0; row < rows.rowCount; row++) groups[row] = keyGroupOf(hashes[row]!, maxParallelism);
  return groups;
}

function* encodeTable(table: TableSnapshot, { maxParallelism, owned }: EncodingKeyGroups, blocks: StateBlock[]): Generator<void, void> {
  const { declaration } = table;
  const { first, last } = declaration.replicated === true ? owned : { first: 0, last: maxParallelism - 1 };
  const upserts = yield* groupedRows(table.upserts, declaration, maxParallelism);
  const deletes = yield* groupedRows(table.deletes, declaration, maxParallelism);
  let rows = 0;
  for (let keyGroup = first; keyGroup <= last; keyGroup++) {
    const upsertCount = upserts.countOf(keyGroup);
    const deleteCount = deletes.countOf(keyGroup);
    if (upsertCount === 0 && deleteCount === 0) continue;
    rows += upsertCount + deleteCount;
    if (rows > STEP_ROWS) {
      yield;
      rows = upsertCount + deleteCount;
    }
    blocks.push({
      operatorId: table.operatorId,
      table: declaration.name,
      keyGroup,
      upserts: upserts.encode(keyGroup),
      deletes: deletes.encode(keyGroup),
      upsertCount,
      deleteCount,
      ...(declaration.fleeting === undefined ? {} : { fleeting: declaration.fleeting }),
    });
  }
}

interface GroupedRows {
  countOf(keyGroup: number): number;
  /** The rows of one key group. */
  encode(keyGroup: number): Uint8Array;
}

function* groupedRows(rows: Batch, declaration: StateTableDeclaration, maxParallelism: number): Generator<void, GroupedRows> {
  const stored = storedColumns(declaration, rows);
  if (declaration.partitionKeyCount === 0) return inFirstGroup(stored);
  const keyGroups = keyGroupsOfRows(rows, declaration.partitionKeyCount, maxParallelism);
  const { batch, offsets } = yield* orderByTarget(stored, keyGroups, maxParallelism);
  const countOf = (keyGroup: number): number => offsets[keyGroup + 1]! - offsets[keyGroup]!;
  return { countOf, encode: (keyGroup) => encodeBatch(sliceBatch(batch, offsets[keyGroup]!, offsets[keyGroup + 1]!)) };
}

/** A table that belongs to subtask 0 as a whole is all in key group 0. */
function inFirstGroup(rows: Batch): GroupedRows {
  const whole = new Batch(rows.rowCount, rows.columns);
  const none = new Batch(0, rows.columns);
  return { countOf: (keyGroup) => (keyGroup === 0 ? rows.rowCount : 0), encode: (keyGroup) => encodeBatch(keyGroup === 0 ? whole : none) };
}
