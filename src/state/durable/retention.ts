import type { Storage } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import { folders } from './directory-format.ts';
import type { Manifest, StoredManifest } from './manifest.ts';
import type { ManifestChain } from './manifest-chain.ts';
import { removeFile } from './remove-file.ts';

export interface Unneeded {
  readonly retained: readonly StoredManifest[];
  /** Files of later epochs are on their way into a checkpoint. */
  readonly through: Epoch;
  /** Files of later servers are not this one's to judge. */
  readonly incarnation: number;
  /** A file that the next manifest will name. */
  readonly keep: string | null;
}

/** Removes manifests older than the oldest retained one, then what no retained one names. In that order: a manifest never outlives its files. */
export async function removeUnneeded(storage: Storage, chain: ManifestChain, { retained, through, incarnation, keep }: Unneeded): Promise<void> {
  const oldest = retained.reduce((least, { manifest }) => Math.min(least, manifest.sequence), Number.POSITIVE_INFINITY);
  await chain.removeBefore(oldest);
  const named = new Set(retained.flatMap(({ manifest }) => filesOf(manifest)));
  if (keep !== null) named.add(keep);
  for (const folder of [folders.segments, folders.snapshots]) {
    const names = await storage.list(folder);
    for (const name of names) {
      const file = `${folder}/${name}`;
      if (epochOfName(name) <= through && incarnationOfName(name) <= incarnation && !named.has(file)) await removeFile(storage, file);
    }
  }
}

/** Name of a segment or snapshot: its epoch first, so that files sort by age; unique, since the incarnation is part of it. */
export function segmentName({ epoch, slot, incarnation, number }: { epoch: Epoch; slot: number; incarnation: number; number: number }): string {
  return `${String(epoch).padStart(16, '0')}-${slot}-${incarnation}-${number}`;
}

function epochOfName(name: string): Epoch {
  return Number(name.slice(0, 16));
}

function incarnationOfName(name: string): number {
  return Number(name.split('-')[2]);
}

function filesOf({ snapshot, segments, fleeting }: Manifest): string[] {
  const files = [...segments, ...fleeting].map(({ file }) => file);
  return snapshot === null ? files : [snapshot.file, ...files];
}
