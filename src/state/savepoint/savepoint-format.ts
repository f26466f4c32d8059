import { SqlError, SqlState } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import { crc32c, sha256Text } from '../checksum.ts';
import type { EpochRecord } from '../state-store.ts';
import { damagedSavepoint } from './savepoint-error.ts';

export const COMMIT_FILE = 'COMMIT';
export const MANIFEST_FILE = 'manifest.json';
export const CATALOG_FILE = 'catalog.json';
export const PROGRESS_FILE = 'progress.json';
export const STATE_FOLDER = 'state';

/** Raised whenever an older version could not read what this one writes. */
const FORMAT_VERSION = 1;

/** A table of state and what its rows look like. */
export interface SavepointTable {
  readonly name: string;
  /** SQL names of the columns' types; the first `keyCount` are the key. */
  readonly columns: readonly string[];
  readonly keyCount: number;
  readonly rows: number;
}

export interface SavepointOperator {
  readonly id: string;
  readonly kind: string;
  /** Of the kind's parameters and state; absent where the savepoint's writer did not say it yet. */
  readonly version?: number;
  /** As EXPLAIN shows it. */
  readonly label?: string;
  readonly tables: readonly SavepointTable[];
}

/** A job and its state. Operators without state are left out. */
export interface SavepointJob {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly operators: readonly SavepointOperator[];
}

export interface SavepointFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The rows of one key group. */
export interface StateFile extends SavepointFile {
  readonly keyGroup: number;
  readonly rows: number;
  readonly crc32c: number;
  readonly digest: string;
}

export interface SavepointManifest {
  /** Version of fsql that wrote it. */
  readonly fsql: string;
  /** Epoch of the checkpoint, and its time since 1970; null where there was never anything but definitions. */
  readonly epoch: Epoch | null;
  readonly timestampMicros: string | null;
  /** Key groups of every job. */
  readonly maxParallelism: number;
  readonly jobs: readonly SavepointJob[];
  readonly files: readonly SavepointFile[];
  readonly state: readonly StateFile[];
  /** SHA-256 over the names and hashes of the files of state: equal for equal state. */
  readonly stateSha256: string;
}

/** Where everything stands: of one history, unlike the state. */
export interface SavepointProgress {
  /** Null where there was never anything but definitions. */
  readonly record: EpochRecord | null;
  /** No record of the log of stored tables up to here is wanted again. */
  readonly embeddedPosition: number;
}

/** File of a key group below the folder of state. */
export function stateFileName(keyGroup: number): string {
  return `kg-${String(keyGroup).padStart(5, '0')}`;
}

export function stateHash(files: readonly StateFile[]): string {
  return sha256Text(files.map(({ name, sha256 }) => `${name} ${sha256}\n`).join(''));
}

/** One line: the format, the hash of the manifest, and a checksum that tells another version from a damaged digit. */
export function commitText(manifest: string, version = FORMAT_VERSION): string {
  const text = `fsql savepoint, format ${version}, manifest ${sha256Text(manifest)}, checksum `;
  return `${text}${crc32c(new TextEncoder().encode(text)).toString(16).padStart(8, '0')}\n`;
}

/** Throws 55000 for another version's, XX001 when COMMIT and manifest do not belong together. */
export function checkCommit(commit: string, manifest: string, place: string): void {
  const parts = /^(fsql savepoint, format (\d{1,9}), manifest [0-9a-f]{64}, checksum )([0-9a-f]{8})\n$/.exec(commit);
  const sound = parts !== null && crc32c(new TextEncoder().encode(parts[1]!)) === Number.parseInt(parts[3]!, 16);
  if (!sound) throw damagedSavepoint(place, COMMIT_FILE, 'it does not fit its checksum');
  const version = Number(parts[2]);
  if (version !== FORMAT_VERSION) {
    throw new SqlError({
      code: SqlState.objectNotInPrerequisiteState,
      message: `the savepoint "${place}" was written by ${version > FORMAT_VERSION ? 'a newer' : 'another'} version of fsql`,
      detail: `It has format ${version}; this version reads format ${FORMAT_VERSION}.`,
      hint: 'Use the version that wrote it, or a newer one.',
      class: 'user',
    });
  }
  if (commit !== commitText(manifest)) throw damagedSavepoint(place, MANIFEST_FILE, 'it is not the manifest that COMMIT names');
}
