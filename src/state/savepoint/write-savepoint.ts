import type { FileHandle, Storage } from '../../base/index.ts';
import { sha256File, sha256Text } from '../checksum.ts';
import { SegmentWriter } from '../durable/segment-writer.ts';
import type { CheckpointImage, StateBlock } from '../state-store.ts';
import { canonicalBlocks, type TieBreakers } from './canonical-blocks.ts';
import {
  CATALOG_FILE,
  COMMIT_FILE,
  commitText,
  MANIFEST_FILE,
  PROGRESS_FILE,
  type SavepointFile,
  type SavepointJob,
  type SavepointManifest,
  type SavepointOperator,
  type SavepointProgress,
  STATE_FOLDER,
  type StateFile,
  stateFileName,
  stateHash,
} from './savepoint-format.ts';

/** A job whose state goes into the savepoint, and how its tables are to be written. */
export interface SavedJob extends Omit<SavepointJob, 'operators'> {
  readonly operators: readonly SavedOperator[];
}

export interface SavedOperator extends Omit<SavepointOperator, 'tables'> {
  readonly tables: readonly SavedTable[];
}

export interface SavedTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly keyCount: number;
  /** See StateTableDeclaration. */
  readonly tieBreakers: TieBreakers | null;
}

export interface SavepointContent {
  /** Version of fsql. */
  readonly fsql: string;
  /** The definitions, as one text whose meaning is the catalog's. */
  readonly catalog: string;
  readonly maxParallelism: number;
  readonly jobs: readonly SavedJob[];
  /** Last position of the log of stored tables, not before the checkpoint. */
  readonly embeddedPosition: number;
}

export interface SavepointSummary {
  readonly manifest: SavepointManifest;
  /** Of all files but COMMIT and the manifest. */
  readonly bytes: number;
  readonly rows: number;
}

/**
 * Writes a savepoint into an empty directory, COMMIT last; it is durable when this resolves. `image` null: there are only definitions. A savepoint that could not be
 * finished is taken away again.
 */
export async function writeSavepoint(target: Storage, image: CheckpointImage | null, content: SavepointContent): Promise<SavepointSummary> {
  try {
    return await write(target, image, content);
  } catch (error) {
    await discard(target);
    throw error;
  }
}

async function write(target: Storage, image: CheckpointImage | null, content: SavepointContent): Promise<SavepointSummary> {
  const { fsql, maxParallelism, jobs } = content;
  await target.makeDirectory(STATE_FOLDER);
  const progress: SavepointProgress = { record: image?.record ?? null, embeddedPosition: content.embeddedPosition };
  const files = [await writeText(target, CATALOG_FILE, content.catalog), await writeText(target, PROGRESS_FILE, JSON.stringify(progress))];
  const { state, rowsOf } = await writeState(target, image, jobs);
  const manifest: SavepointManifest = {
    fsql,
    epoch: image?.record.epoch ?? null,
    timestampMicros: image?.record.timestampMicros ?? null,
    maxParallelism,
    jobs: jobs.map((job) => describedJob(job, rowsOf)),
    files,
    state,
    stateSha256: stateHash(state),
  };
  const text = `${JSON.stringify(manifest, null, 1)}\n`;
  await writeText(target, MANIFEST_FILE, text);
  await target.syncDirectory('');
  await writeText(target, COMMIT_FILE, commitText(text));
  await target.syncDirectory('');
  const sum = (of: (file: SavepointFile) => number): number => [...files, ...state].reduce((total, file) => total + of(file), 0);
  return { manifest, bytes: sum(({ bytes }) => bytes), rows: state.reduce((total, { rows }) => total + rows, 0) };
}

/** Rows of each table by `operator/table`. */
type RowCounts = Map<string, number>;

function describedJob({ operators, ...job }: SavedJob, rowsOf: RowCounts): SavepointJob {
  return {
    ...job,
    operators: operators.map(({ tables, ...operator }) => ({
      ...operator,
      tables: tables.map(({ name, columns, keyCount }) => ({ name, columns, keyCount, rows: rowsOf.get(`${operator.id}/${name}`) ?? 0 })),
    })),
  };
}

/** A file a key group, tables in the order of their names. */
async function writeState(
  target: Storage,
  image: CheckpointImage | null,
  jobs: readonly SavedJob[],
): Promise<{ readonly state: StateFile[]; readonly rowsOf: RowCounts }> {
  const rowsOf: RowCounts = new Map();
  const state: StateFile[] = [];
  if (image === null) return { state, rowsOf };
  const tieBreakers = new Map(
    jobs.flatMap(({ operators }) =>
      operators.flatMap(({ id, tables }) => tables.map((table): [string, TieBreakers | null] => [`${id}/${table.name}`, table.tieBreakers])),
    ),
  );
  const wanted = new Set(jobs.flatMap(({ operators }) => operators.map(({ id }) => id)));
  const tables = image.tables().filter(({ operatorId }) => wanted.has(operatorId));
  const keyGroups = [...new Set(tables.flatMap((table) => table.keyGroups))].sort((left, right) => left - right);
  for (const keyGroup of keyGroups) {
    const own = tables.filter((table) => table.keyGroups.includes(keyGroup)).sort(byName);
    const blocksOf = async function* (): AsyncIterable<StateBlock> {
      for (const { operatorId, table } of own) {
        const place = `${operatorId}/${table}`;
        for (const block of canonicalBlocks(await image.load({ operatorId, table }, keyGroup), tieBreakers.get(place) ?? null)) {
          rowsOf.set(place, (rowsOf.get(place) ?? 0) + block.upsertCount);
          yield block;
        }
      }
    };
    const file = await writeKeyGroup(target, keyGroup, blocksOf());
    if (file !== null) state.push(file);
  }
  return { state, rowsOf };
}

/** Null when none of its rows is left. */
async function writeKeyGroup(target: Storage, keyGroup: number, blocks: AsyncIterable<StateBlock>): Promise<StateFile | null> {
  const writer = await SegmentWriter.open(target, STATE_FOLDER, stateFileName(keyGroup));
  const { reference, digest } = await writer.writeAll(blocks);
  const { file: name, bytes, rows, crc32c } = reference;
  if (rows === 0) {
    await target.remove(name);
    return null;
  }
  return { name, bytes, sha256: await sha256File(target, name), keyGroup, rows, crc32c, digest };
}

async function writeText(target: Storage, name: string, text: string): Promise<SavepointFile> {
  const bytes = new TextEncoder().encode(text);
  let file: FileHandle | null = null;
  try {
    file = await target.open(name, 'create');
    await file.append(bytes);
    await file.sync();
  } finally {
    await file?.close();
  }
  return { name, bytes: bytes.length, sha256: sha256Text(text) };
}

/** What cannot be removed stays: without COMMIT it is no savepoint. */
async function discard(target: Storage): Promise<void> {
  const remove = (name: string): Promise<void> => target.remove(name).catch(() => undefined);
  for (const name of [COMMIT_FILE, MANIFEST_FILE, CATALOG_FILE, PROGRESS_FILE]) await remove(name);
  const names = await target.list(STATE_FOLDER).catch(() => []);
  for (const name of names) await remove(`${STATE_FOLDER}/${name}`);
  await target.removeDirectory(STATE_FOLDER).catch(() => undefined);
}

function byName(
  left: { readonly operatorId: string; readonly table: string },
  right: { readonly operatorId: string; readonly table: string },
): number {
  if (left.operatorId !== right.operatorId) return left.operatorId < right.operatorId ? -1 : 1;
  return left.table < right.table ? -1 : 1;
}
