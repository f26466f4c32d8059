import type { Storage } from '../../base/index.ts';
import { decodeBatch } from '../../batch/index.ts';
import { emptyLike, rowKeys } from '../consolidate-blocks.ts';
import type { ImageTable, StateBlock } from '../state-store.ts';
import type { ManifestSegment } from './manifest.ts';
import { readSegment } from './segment-reader.ts';

/** A row of a fleeting table; `key` as rowKeys has it. */
export type FleetingRow = readonly [operatorId: string, table: string, keyGroup: number, key: string];

/**
 * A segment of fleeting rows. It is all there is of them: they are gone before it would pay to copy them into the base or a snapshot. It is named by manifests
 * until its rows, and those of all segments before it, are gone; so a deletion is there as long as what it deletes.
 */
export interface FleetingSegment extends ManifestSegment {
  readonly live: readonly FleetingRow[];
}

/** What the blocks of one segment do. */
export interface FleetingChanges {
  readonly put: readonly FleetingRow[];
  readonly gone: readonly FleetingRow[];
}

export function fleetingChanges(blocks: readonly StateBlock[]): FleetingChanges {
  const put: FleetingRow[] = [];
  const gone: FleetingRow[] = [];
  for (const { operatorId, table, keyGroup, upserts, deletes } of blocks) {
    const deleted = decodeBatch(deletes);
    const keyCount = deleted.columns.length;
    for (const key of rowKeys(deleted, keyCount)) gone.push([operatorId, table, keyGroup, key]);
    for (const key of rowKeys(decodeBatch(upserts), keyCount)) put.push([operatorId, table, keyGroup, key]);
  }
  return { put, gone };
}

/** What the block deletes, as a block of a table that lasts. */
export function deletionsOf({ fleeting: _, ...block }: StateBlock): StateBlock {
  return { ...block, upserts: emptyLike(block.upserts), upsertCount: 0 };
}

/** The segments that count once `added` have come, in order, and then the operators `dropped` have gone. */
export function fleetingAfter(
  previous: readonly FleetingSegment[],
  added: readonly { readonly segment: ManifestSegment; readonly changes: FleetingChanges }[],
  dropped: readonly string[],
): FleetingSegment[] {
  let segments = [...previous];
  for (const { segment, changes } of added) {
    const touched = new Set([...changes.gone, ...changes.put].map(textOf));
    segments = segments.map((one) => ({ ...one, live: one.live.filter((row) => !touched.has(textOf(row))) }));
    segments.push({ ...segment, live: changes.put });
  }
  const wanted = segments.map((one) => ({ ...one, live: one.live.filter(([operatorId]) => !dropped.includes(operatorId)) }));
  const first = wanted.findIndex(({ live }) => live.length > 0);
  return first < 0 ? [] : wanted.slice(first);
}

/** Whether all of the rows are of these segments. */
export function knowsAll(segments: readonly FleetingSegment[], rows: readonly FleetingRow[]): boolean {
  const live = new Set(segments.flatMap((one) => one.live).map(textOf));
  return rows.every((row) => live.has(textOf(row)));
}

/** Blocks of one table, oldest first. Throws XX001 when a segment is damaged. */
export async function fleetingBlocks(
  storage: Storage,
  segments: readonly FleetingSegment[],
  place: { readonly operatorId: string; readonly table: string; readonly keyGroup?: number },
): Promise<StateBlock[]> {
  const { operatorId, table, keyGroup } = place;
  const blocks: StateBlock[] = [];
  // What is there from before the operator was dropped and came again does not count.
  const first = segments.findIndex(({ live }) => live.some(([owner, name]) => owner === operatorId && name === table));
  if (first < 0) return blocks;
  for (const segment of segments.slice(first)) {
    for await (const block of readSegment(storage, segment, { operatorId, table })) {
      if (keyGroup === undefined || block.keyGroup === keyGroup) blocks.push(block);
    }
  }
  return blocks;
}

/** These tables and those with fleeting rows, each once. */
export function withFleetingTables(tables: readonly ImageTable[], segments: readonly FleetingSegment[]): ImageTable[] {
  const groups = new Map(tables.map((one) => [JSON.stringify([one.operatorId, one.table]), { ...one, keyGroups: new Set(one.keyGroups) }]));
  for (const [operatorId, table, keyGroup] of segments.flatMap(({ live }) => live)) {
    const name = JSON.stringify([operatorId, table]);
    const known = groups.get(name) ?? { operatorId, table, keyGroups: new Set<number>() };
    groups.set(name, known);
    known.keyGroups.add(keyGroup);
  }
  return [...groups.values()].map((one) => ({ ...one, keyGroups: [...one.keyGroups] }));
}

function textOf(row: FleetingRow): string {
  return JSON.stringify(row);
}
