import { type Clock, SqlError, SqlState, type Storage, toSqlError } from '../../base/index.ts';
import type { Relation, SystemRow } from '../../catalog/index.ts';
import { type SavepointSummary, writeSavepoint } from '../../state/index.ts';
import type { Engine } from './engine.ts';
import { hasJob, relationId } from './relation-jobs.ts';

/** Savepoints that fsql_catalog.savepoints remembers. */
const KEPT_MAX = 100;

/** Where savepoints are: a disk of its own for each directory. */
export interface SavepointPlaces {
  /** The directory's path as everybody on the machine would write it. */
  absolute(path: string): string;
  open(path: string): Storage;
}

/** A savepoint that this server has made, or is making, or could not make. */
export interface SavepointEntry {
  readonly path: string;
  readonly epoch: number | null;
  readonly state: 'in progress' | 'complete' | 'failed';
  readonly trigger: SavepointTrigger;
  readonly startedAtMicros: bigint;
  readonly durationMs: number | null;
  readonly bytes: number | null;
  readonly rows: number | null;
  readonly failure: string | null;
}

export type SavepointTrigger = 'statement' | 'stop';

export interface SavepointRequest {
  readonly path: string;
  /** Version of fsql. */
  readonly fsql: string;
  readonly trigger: SavepointTrigger;
  /** Sinks whose jobs are drained first. */
  readonly drained?: readonly Relation[] | undefined;
}

export interface TakenSavepoint extends SavepointSummary {
  readonly path: string;
}

/** The savepoints this server has been asked for since its start. */
export class Savepoints {
  readonly #clock: Clock;
  #entries: readonly SavepointEntry[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get entries(): readonly SavepointEntry[] {
    return this.#entries;
  }

  /** Notes how `work` ends. */
  async noted(request: SavepointRequest, work: () => Promise<TakenSavepoint>): Promise<TakenSavepoint> {
    const { path, trigger } = request;
    const startedMs = this.#clock.monotonicMs();
    const open = { path, epoch: null, trigger, startedAtMicros: this.#clock.nowMicros(), durationMs: null, bytes: null, rows: null, failure: null };
    let entry: SavepointEntry = { ...open, state: 'in progress' };
    this.#entries = [...this.#entries, entry].slice(-KEPT_MAX);
    const put = (next: SavepointEntry): void => {
      this.#entries = this.#entries.map((one) => (one === entry ? next : one));
      entry = next;
    };
    const durationMs = (): number => this.#clock.monotonicMs() - startedMs;
    try {
      const taken = await work();
      const { bytes, rows, manifest } = taken;
      put({ ...entry, state: 'complete', epoch: manifest.epoch, durationMs: durationMs(), bytes, rows });
      return taken;
    } catch (error) {
      put({ ...entry, state: 'failed', durationMs: durationMs(), failure: toSqlError(error).message });
      throw error;
    }
  }
}

/**
 * Writes a savepoint of everything the catalog names. The caller keeps data definition away meanwhile. Errors: 55000 for a directory that is not empty, 53100, 42501
 * and 58030 of the disk; then no savepoint is left there.
 */
export async function takeSavepoint(engine: Engine, request: SavepointRequest): Promise<TakenSavepoint> {
  const { parts, catalog, cluster, identities } = engine;
  const { path, fsql, drained = [] } = request;
  const target = parts.savepoints.open(path);
  await requireEmpty(target, path);
  await identities.persist();
  if (drained.length > 0) await cluster.drain(drained.map(relationId));
  const relations = [...catalog.snapshot.relations()].filter(hasJob).sort((left, right) => left.oid - right.oid);
  const text = catalog.image();
  const summary = await cluster.savepoint(relations.map(relationId), ({ image, jobs, embeddedPosition }) =>
    writeSavepoint(target, image, { fsql, catalog: text, maxParallelism: parts.maxParallelism, jobs, embeddedPosition }),
  );
  return { ...summary, path };
}

async function requireEmpty(target: Storage, path: string): Promise<void> {
  await target.makeDirectory('');
  const [first] = await target.list('');
  if (first === undefined) return;
  throw new SqlError({
    code: SqlState.objectNotInPrerequisiteState,
    message: `the directory "${path}" is not empty`,
    detail: first === 'COMMIT' ? 'It holds a savepoint already.' : `It holds "${first}".`,
    hint: 'Name a directory that is empty or does not exist yet.',
  });
}

/** A row of fsql_catalog.savepoints. */
export function savepointRow(entry: SavepointEntry): SystemRow {
  return {
    id: BigInt(entry.epoch ?? 0),
    path: entry.path,
    state: entry.state,
    trigger: entry.trigger,
    started_at: entry.startedAtMicros,
    duration_ms: entry.durationMs,
    bytes: entry.bytes === null ? null : BigInt(entry.bytes),
    rows: entry.rows === null ? null : BigInt(entry.rows),
    failure: entry.failure,
  };
}
