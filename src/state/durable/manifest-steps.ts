import type { Storage } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import type { StateBlock } from '../state-store.ts';
import type { BaseStep } from './base.ts';
import type { Manifest } from './manifest.ts';
import { readSegment } from './segment-reader.ts';

/** Changes that lead from the checkpoint `after` (null: from nothing) to the manifest's, every segment checked as a whole. */
export async function* manifestSteps(storage: Storage, manifest: Manifest, after: Epoch | null): AsyncIterable<BaseStep> {
  if (after === null && manifest.snapshot !== null) {
    for await (const block of readSegment(storage, manifest.snapshot)) yield { kind: 'put', block };
  }
  for (const epoch of epochsAfter(manifest, after ?? 0)) {
    for (const segment of manifest.segments) {
      if (segment.epoch !== epoch) continue;
      for await (const block of readSegment(storage, segment)) yield { kind: 'put', block };
    }
    for (const operatorId of droppedAt(manifest, epoch)) yield { kind: 'drop', operatorId };
  }
}

/** Blocks of one table in the segments behind the checkpoint `after`; `earlier` is what it had until then. */
export async function tableAfter(
  storage: Storage,
  manifest: Manifest,
  {
    operatorId,
    table,
    after,
    earlier,
  }: { readonly operatorId: string; readonly table: string; readonly after: Epoch; readonly earlier: StateBlock[] },
): Promise<StateBlock[]> {
  let blocks = earlier;
  for (const epoch of epochsAfter(manifest, after)) {
    for (const segment of manifest.segments) {
      if (segment.epoch !== epoch) continue;
      for await (const block of readSegment(storage, segment, { operatorId, table })) blocks.push(block);
    }
    if (droppedAt(manifest, epoch).includes(operatorId)) blocks = [];
  }
  return blocks;
}

function epochsAfter(manifest: Manifest, after: Epoch): Epoch[] {
  const epochs = [...manifest.segments, ...manifest.dropped].map(({ epoch }) => epoch).filter((epoch) => epoch > after);
  return [...new Set(epochs)].sort((left, right) => left - right);
}

function droppedAt(manifest: Manifest, epoch: Epoch): readonly string[] {
  return manifest.dropped.flatMap((entry) => (entry.epoch === epoch ? entry.operators : []));
}
