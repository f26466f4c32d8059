import { SqlError, SqlState, type Storage } from '../../base/index.ts';
import type { CheckedFile } from '../state-store.ts';
import type { AppendLog } from './append-log.ts';
import type { Base } from './base.ts';
import { folders } from './directory-format.ts';
import type { StoreLogs } from './durable-state-store.ts';
import { decodeManifest, type ManifestSegment, type StoredManifest } from './manifest.ts';
import type { ManifestChain } from './manifest-chain.ts';
import { readSegment } from './segment-reader.ts';

export interface CheckParts {
  readonly storage: Storage;
  readonly chain: ManifestChain;
  readonly base: Base;
  readonly logs: StoreLogs;
  /** Newest first. */
  readonly retained: readonly StoredManifest[];
}

/** Reads everything that the retained checkpoints need, byte by byte: manifests, their files, the base and the logs. */
export async function* checkDirectory({ storage, chain, base, logs, retained }: CheckParts): AsyncIterable<CheckedFile> {
  for (const { manifest, sha256 } of retained) {
    const path = chain.path(manifest.sequence);
    yield await checked(path, 'manifest', async () => {
      const bytes = await storage.readAll(path);
      const stored = decodeManifest(path, bytes, manifest.sequence);
      if (stored.sha256 !== sha256) throw new SqlError({ code: SqlState.dataCorrupted, message: 'it is not the manifest that was written' });
      return bytes.length;
    });
  }
  for (const file of filesOf(retained)) {
    yield await checked(file.file, 'checkpoint', async () => {
      for await (const _ of readSegment(storage, file));
      return file.bytes;
    });
  }
  yield await checked('base', 'base', async () => {
    let bytes = 0;
    for await (const block of base.loadAll()) bytes += block.upserts.length + block.deletes.length;
    return bytes;
  });
  yield await checkedLog(folders.epochs, logs.epochs.log);
  yield await checkedLog(folders.embedded, logs.embedded);
  yield await checkedLog(folders.catalog, logs.catalog.log);
}

function filesOf(retained: readonly StoredManifest[]): ManifestSegment[] {
  const named = retained.flatMap(({ manifest: { snapshot, segments, fleeting } }) => [
    ...(snapshot === null ? [] : [snapshot]),
    ...segments,
    ...fleeting,
  ]);
  return [...new Map(named.map((segment) => [segment.file, segment])).values()];
}

function checkedLog(folder: string, log: AppendLog): Promise<CheckedFile> {
  return checked(folder, 'log', async () => {
    let bytes = 0;
    for await (const { payload } of log.read(0)) bytes += payload.length;
    return bytes;
  });
}

/** Any failure to read it counts: what cannot be read is not there when it is needed. */
async function checked(file: string, kind: CheckedFile['kind'], read: () => Promise<number>): Promise<CheckedFile> {
  try {
    return { file, kind, bytes: await read(), problem: null };
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return { file, kind, bytes: null, problem: error.message };
  }
}
