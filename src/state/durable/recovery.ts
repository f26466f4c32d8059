import { type Logger, type SqlError, SqlState, type Storage } from '../../base/index.ts';
import { damagedFile, isDamage } from '../damage.ts';
import type { Base } from './base.ts';
import type { Manifest, ManifestSegment, StoredManifest } from './manifest.ts';
import type { FoundManifests, ManifestChain } from './manifest-chain.ts';
import { manifestSteps } from './manifest-steps.ts';
import { readSegment } from './segment-reader.ts';

export interface Recovered {
  /** The checkpoint that is restored and those before it that could be, newest first; empty on a new directory. */
  readonly retained: readonly StoredManifest[];
  /** Of all manifests on disk, sound or not. */
  readonly lastSequence: number;
  /** Something was damaged: files that nothing names may still be of use to whoever repairs it. */
  readonly damaged: boolean;
  /** A file that only a rebuild would need is gone: a new snapshot makes up for it. */
  readonly incomplete: boolean;
}

export interface RecoveryParts {
  readonly storage: Storage;
  readonly chain: ManifestChain;
  readonly base: Base;
  readonly logger: Logger;
  readonly retained: number;
}

/**
 * Brings the base to the newest checkpoint that is sound: the newest manifest if it and what it needs are, else the one before, with a warning.
 * Throws XX001 when none is.
 */
export async function recover(parts: RecoveryParts): Promise<Recovered> {
  const { base, chain, logger } = parts;
  const found = await chain.find(parts.retained);
  for (const error of found.damaged) warn(logger, 'a damaged manifest is left out; an older checkpoint is used', error);
  const usable = await openBase(base, logger);
  if (found.valid.length === 0) return startEmpty(parts, found, usable);
  let first: SqlError | null = null;
  for (let index = 0; index < found.valid.length; index++) {
    const stored = found.valid[index]!;
    try {
      const incomplete = await restore(parts, found, { stored, usable });
      const damaged = found.damaged.length > 0 || index > 0;
      return { retained: found.valid.slice(index), lastSequence: found.lastSequence, damaged, incomplete };
    } catch (error) {
      if (!isDamage(error)) throw error;
      first ??= error;
      warn(logger, `checkpoint ${stored.manifest.record.epoch} cannot be restored; an older one is tried`, error);
    }
  }
  throw first;
}

/** A directory whose every manifest is gone, although something was committed once, is damaged; one that never had any is new. */
async function startEmpty(parts: RecoveryParts, found: FoundManifests, usable: boolean): Promise<Recovered> {
  if (found.damaged.length > 0) throw found.damaged[0];
  if (usable && (parts.base.head?.applied ?? 0) > 0)
    throw damagedFile('manifests', null, `the manifest of checkpoint ${parts.base.head?.applied} is missing`);
  const mark = { applied: 0, sha256: '' };
  await (usable ? parts.base.apply(nothing, mark) : parts.base.rebuild(nothing, mark));
  return { retained: [], lastSequence: 0, damaged: false, incomplete: false };
}

/** True when what is in the base belongs together. */
async function openBase(base: Base, logger: Logger): Promise<boolean> {
  try {
    await base.open();
    return true;
  } catch (error) {
    if (!isDamage(error)) throw error;
    warn(logger, 'the base is damaged and built again from snapshot and segments', error);
    return false;
  }
}

/** True when files that only a rebuild would need are missing. */
async function restore(parts: RecoveryParts, found: FoundManifests, candidate: { stored: StoredManifest; usable: boolean }): Promise<boolean> {
  const { base, storage, logger } = parts;
  const { manifest, sha256 } = candidate.stored;
  const mark = { applied: manifest.record.epoch, sha256 };
  await checkFleeting(storage, manifest);
  const missing = await firstMissing(storage, manifest.snapshot === null ? manifest.segments : [manifest.snapshot, ...manifest.segments]);
  if (candidate.usable && goesOn(base, manifest, found)) {
    try {
      if (base.head!.applied < mark.applied) await base.apply(manifestSteps(storage, manifest, base.head!.applied), mark);
      if (missing !== null) warn(logger, 'a file is damaged that is not needed now; a new snapshot will replace it', missing);
      return missing !== null;
    } catch (error) {
      if (!isDamage(error)) throw error;
      warn(logger, 'the base could not be brought forward and is built again', error);
    }
  } else if ((base.head?.applied ?? 0) > mark.applied) {
    logger.log('warn', 'the base is ahead of the checkpoint restored and is built again', { base: base.head?.applied, checkpoint: mark.applied });
  }
  if (missing !== null) throw missing;
  await base.rebuild(manifestSteps(storage, manifest, null), mark);
  return false;
}

/** The base holds a checkpoint of this very chain, not before the manifest's snapshot and not behind the manifest. */
function goesOn(base: Base, manifest: Manifest, found: FoundManifests): boolean {
  const { head } = base;
  if (head === null || head.applied > manifest.record.epoch || head.applied < (manifest.snapshot?.epoch ?? 0)) return false;
  if (head.applied === 0) return manifest.snapshot === null;
  return found.valid.some((stored) => stored.manifest.record.epoch === head.applied && stored.sha256 === head.sha256);
}

/** Nothing else has these rows: whether they can be read has to be known while an older checkpoint can still be taken. */
async function checkFleeting(storage: Storage, { fleeting }: Manifest): Promise<void> {
  const missing = await firstMissing(storage, fleeting);
  if (missing !== null) throw missing;
  for (const segment of fleeting) for await (const _ of readSegment(storage, segment));
}

async function firstMissing(storage: Storage, files: readonly ManifestSegment[]): Promise<SqlError | null> {
  for (const { file, bytes } of files) {
    try {
      const handle = await storage.open(file, 'read');
      const size = await handle.size().finally(() => handle.close());
      if (size !== bytes) return damagedFile(file, null, `it has ${size} bytes instead of ${bytes}`);
    } catch (error) {
      if (!isDamage(error)) throw error;
      return error.code === SqlState.undefinedFile ? damagedFile(file, null, 'it is missing') : error;
    }
  }
  return null;
}

const nothing: AsyncIterable<never> = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }) };

function warn(logger: Logger, message: string, error: SqlError): void {
  logger.log('warn', message, { error });
}
