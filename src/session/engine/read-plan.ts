import { SqlError, SqlState } from '../../base/index.ts';
import { type Batch, batchFromRows, rowsOf } from '../../batch/index.ts';
import type { Relation, SystemContext } from '../../catalog/index.ts';
import type { PinnedEpoch } from '../../cluster/index.ts';
import { compileCalc, type EvaluationContext, type Expression } from '../../expr/index.ts';
import {
  type BoundQuery,
  executePlan,
  hasSubquery,
  type LogicalPlan,
  leafPosition,
  type NeededRowsTarget,
  type PlanEnvironment,
  type PlanTrace,
  type Row,
  readLeaf,
  readLeafPosition,
  type ScanPlan,
  scansOf,
  waitingCallOf,
} from '../../plan/index.ts';
import { type Datum, type RowDatum, type SqlType, textType } from '../../types/index.ts';
import type { Engine } from './engine.ts';
import { type KeyAccess, keyAccesses } from './key-access.ts';
import { neededRows } from './needed-rows.ts';
import { notBeforeCommit } from './not-before-commit.ts';
import { continuousPlan, hasContent, isStored, relationId } from './relation-jobs.ts';
import { rowKey, type TableChanges } from './table-content.ts';
import { tableFunctionOf } from './table-function.ts';
import { TimeSlice } from './time-slice.ts';

/** Rows a batch made from rows holds. */
const BATCH_ROWS = 2048;
/** Epochs in which a connector may find out where its partitions end; one that never says (an endless generator) is read as far as it has come. */
const END_UNKNOWN_ROUNDS_MAX = 20;
/** Epochs without a row after which only time can bring more, where nothing comes from outside. */
const IDLE_ROUNDS_MAX = 20;

/** How a plan is read: by whom, at which epoch, with which changes of its own transaction on top. */
export interface ReadOptions {
  readonly engine: Engine;
  readonly evaluation: EvaluationContext;
  /** Pins the epoch of the statement or transaction for these relations. */
  pin(relations: readonly string[]): Promise<PinnedEpoch>;
  /** What system relations show this session. */
  readonly system: SystemContext;
  /** Relations that the own transaction has made and not committed. */
  isNew(relation: Relation): boolean;
  /** Uncommitted changes of the own transaction. */
  readonly changes: readonly TableChanges[];
  readonly signal: AbortSignal;
  /** Watches the nodes of the plan, all of which then run one by one. */
  readonly trace?: PlanTrace;
}

/** Rows of a bound plan without parameters, in batches without weights. The epoch is held until the iteration ends. */
export async function* readPlan(query: BoundQuery, options: ReadOptions): AsyncGenerator<Batch> {
  const sources = new Sources(options);
  try {
    await sources.open(query.plan);
    const waits = waitingCallOf(query.plan, options.engine.registries.lookup) !== null;
    const direct = options.trace === undefined && !waits ? directRead(query.plan) : null;
    if (direct !== null && sources.isPlain(direct.scan)) yield* readDirectly(direct, sources, options);
    else yield* readByRows(query.plan, sources, options);
  } finally {
    await sources.close();
  }
}

/** Every relation a plan reads, once. */
export function relationsOf(plan: LogicalPlan): Relation[] {
  const found = new Map<number, Relation>();
  for (const scan of scansOf(plan)) found.set(scan.relation.oid, scan.relation);
  return [...found.values()];
}

/** Of a connector stream, for one scan. */
interface TemporaryView {
  readonly relation: Relation;
  close(): Promise<void>;
}

/** Where scans get their rows: stored relations at the pinned epoch, system relations from memory, connector streams through a view of their own. */
class Sources {
  readonly #options: ReadOptions;
  readonly #temporary = new Map<ScanPlan, TemporaryView>();
  #needed: ReadonlyMap<ScanPlan, NeededRowsTarget> = new Map();
  #accesses: ReadonlyMap<ScanPlan, KeyAccess> = new Map();
  #pinned: PinnedEpoch | null = null;

  constructor(options: ReadOptions) {
    this.#options = options;
  }

  async open(plan: LogicalPlan): Promise<void> {
    const ids = new Set<string>();
    const { lookup } = this.#options.engine.registries;
    this.#accesses = keyAccesses(plan, lookup);
    this.#needed = neededRows(plan, lookup);
    for (const scan of scansOf(plan)) {
      const { relation, variant } = scan;
      if (relation.kind === 'sink' && variant === 'rows')
        throw new SqlError({ code: SqlState.wrongObjectType, message: `"${relation.name}" is a sink and cannot be read` });
      if (relation.kind === 'system') continue;
      if (this.#options.isNew(relation)) {
        if (isStored(relation) && variant === 'rows') continue;
        throw notBeforeCommit(relation);
      }
      if (variant === 'rows' && !hasContent(relation)) await this.#openStream(scan);
      else if (variant === 'rows') ids.add(relationId(relation));
    }
    for (const { relation } of this.#temporary.values()) ids.add(relationId(relation));
    const reads = scansOf(plan).some(({ relation }) => relation.kind !== 'system' && !this.#options.isNew(relation));
    if (reads) this.#pinned = await this.#options.pin([...ids]);
  }

  /** True for a stored relation without own changes: its batches can be used as they are. */
  isPlain(scan: ScanPlan): boolean {
    return (
      scan.relation.kind !== 'system' &&
      !this.#options.isNew(scan.relation) &&
      scan.paths.every((path) => path.length === 1) &&
      !this.#changesOf(scan).length
    );
  }

  /** Batches of a stored relation, weights included; where an index narrows the scan, of the rows it finds. */
  batches(scan: ScanPlan, columns: readonly number[]): AsyncIterable<Batch> {
    const range = this.#accesses.get(scan)?.range;
    const positionOf = this.#temporary.has(scan) ? readLeafPosition : leafPosition;
    const read = { columns: columns.map((column) => positionOf(scan, column)), ...(range !== undefined && { range }) };
    const batches = this.#options.engine.cluster.scan(this.#idOf(scan), this.#pinned!, read);
    return scan.variant === 'bad' && scan.relation.kind !== 'stream' && scan.relation.kind !== 'table' ? added(batches) : batches;
  }

  async *rows(scan: ScanPlan): AsyncGenerator<readonly Row[]> {
    if (scan.relation.kind === 'system') {
      const rows = [...this.#options.engine.system.rows(scan.relation, this.#options.system)];
      yield rows.map((row) => scan.paths.map((path) => valueAt(row, path)));
      return;
    }
    const own = this.#changesOf(scan);
    if (own.length > 0 || this.#options.isNew(scan.relation)) {
      yield await this.#rowsWithOwnChanges(scan, own);
      return;
    }
    const heads = [...new Set(scan.paths.map((path) => path[0]!))];
    for await (const batch of this.batches(scan, heads)) {
      this.#options.signal.throwIfAborted();
      yield expand(batch).map((row) => scan.paths.map((path) => valueAt(row, [heads.indexOf(path[0]!), ...path.slice(1)])));
    }
  }

  async close(): Promise<void> {
    this.#pinned?.release();
    this.#pinned = null;
    for (const temporary of this.#temporary.values()) await temporary.close();
    this.#temporary.clear();
  }

  #idOf(scan: ScanPlan): string {
    const temporary = this.#temporary.get(scan);
    if (temporary !== undefined) return relationId(temporary.relation);
    return scan.variant === 'rows' ? relationId(scan.relation) : `${scan.variant}:${relationId(scan.relation)}`;
  }

  #changesOf(scan: ScanPlan): TableChanges[] {
    return this.#options.changes.filter((one) => one.relation.oid === scan.relation.oid);
  }

  /** A connector stream has no content: it is read from its start by a job that lives as long as this read. */
  async #openStream(scan: ScanPlan): Promise<void> {
    if (this.#temporary.has(scan)) return;
    const { engine, signal } = this.#options;
    const query: BoundQuery = { plan: readLeaf(scan), emit: null, asOfEpoch: null, parameterTypes: [], volatileFunctions: [], reads: [] };
    const all = continuousPlan(query, 'on-update', engine.parts);
    const needed = this.#needed.get(scan);
    const plan = needed === undefined ? all : engine.registries.roots.neededRows(all, needed);
    const view = await engine.temporaryView(query, plan, signal);
    this.#temporary.set(scan, view);
    await this.#readToEnd(scan, view);
  }

  /**
   * A stream that nobody had read begins with this read: it shows what the other side held at its start, not what one epoch took of it, or as much of that as the
   * read wants.
   */
  async #readToEnd(scan: ScanPlan, view: TemporaryView): Promise<void> {
    const relation = relationId(scan.relation);
    const { engine, signal } = this.#options;
    const goals = new Map<string, number>();
    const goalOf = (partition: string): number => goals.get(partition) ?? Number.POSITIVE_INFINITY;
    const { testing } = engine.parts;
    let taken = 0;
    let idleRounds = 0;
    for (let round = 0; ; round++) {
      signal.throwIfAborted();
      // What it has by now is there once an epoch is through.
      const enough = engine.cluster.jobs().some(({ jobId, hasEnough }) => hasEnough && jobId === relationId(view.relation));
      await engine.cluster.flush();
      if (enough) return;
      const partitions = engine.cluster.sourcePartitions().filter((one) => one.relation === relation && one.problem === null);
      for (const { partition, endOffset } of partitions) if (endOffset !== null && !goals.has(partition)) goals.set(partition, endOffset);
      const endUnknown = partitions.some(({ partition }) => !goals.has(partition));
      const failed = engine.cluster.jobs().some((job) => job.jobId === relation && job.state === 'FAILED');
      if (failed || partitions.every(({ partition, offset }) => offset >= goalOf(partition)) || (endUnknown && round >= END_UNKNOWN_ROUNDS_MAX))
        return;
      const before = taken;
      taken = partitions.reduce((sum, { offset }) => sum + offset, 0);
      idleRounds = taken === before ? idleRounds + 1 : 0;
      if (testing?.outside() === false && idleRounds > IDLE_ROUNDS_MAX) throw standsStill(scan.relation);
    }
  }

  /** The committed rows at the pinned epoch, minus removed and plus added ones of the own transaction. */
  async #rowsWithOwnChanges(scan: ScanPlan, own: readonly TableChanges[]): Promise<Row[]> {
    const { relation } = scan;
    const rows = new Map<string, Row[]>();
    const put = (row: Row): void => {
      const key = rowKey(relation, row);
      const same = rows.get(key);
      if (same === undefined) rows.set(key, [row]);
      else same.push(row);
    };
    const all = relation.columns.map((_, index) => index);
    if (!this.#options.isNew(relation)) for await (const batch of this.batches(scan, all)) for (const row of expand(batch)) put(row);
    for (const changes of own) {
      for (const row of changes.removed) rows.get(rowKey(relation, row))?.pop();
      for (const row of changes.added) put(row);
    }
    return [...rows.values()].flat().map((row) => scan.paths.map((path) => valueAt(row, path)));
  }
}

/** Rows that a view could not compute: their weights, counted by several subtasks, are true only together. All columns are texts. */
async function* added(batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
  const counts = new Map<string, { readonly row: Row; weight: number }>();
  let width = 0;
  for await (const batch of batches) {
    width = batch.columns.length;
    rowsOf(batch).forEach((row, index) => {
      const weight = batch.weights === null ? 1 : batch.weights[index]!;
      const key = JSON.stringify(row);
      const entry = counts.get(key);
      if (entry === undefined) counts.set(key, { row, weight });
      else entry.weight += weight;
    });
  }
  const present = [...counts.values()].filter(({ weight }) => weight > 0);
  if (present.length === 0) return;
  yield batchFromRows(
    new Array<SqlType>(width).fill(textType),
    present.map(({ row }) => row),
    present.map(({ weight }) => weight),
  );
}

/** Rows of a batch, each as often as its weight says. */
function expand(batch: Batch): Row[] {
  const rows = rowsOf(batch);
  const { weights } = batch;
  return weights === null ? rows : rows.flatMap((row, index) => new Array<Row>(weights[index]!).fill(row));
}

/** What a scan reads of a row: a column, or a field in a field of it. */
export function valueAt(row: Row, path: readonly number[]): Datum | null {
  let value = row[path[0]!] ?? null;
  for (const field of path.slice(1)) value = value === null ? null : ((value as RowDatum).fields[field] ?? null);
  return value;
}

async function* readByRows(plan: LogicalPlan, sources: Sources, options: ReadOptions): AsyncGenerator<Batch> {
  const { registries, parts, clock } = options.engine;
  const environment: PlanEnvironment = {
    functions: registries.lookup,
    aggregates: registries.aggregates,
    evaluation: options.evaluation,
    tableFunction: (name, types) => tableFunctionOf(registries, name, types),
    scan: (scan) => sources.rows(scan),
    ...(options.trace !== undefined && { trace: options.trace }),
    breathe: new TimeSlice(parts.testing === undefined ? clock : null, options.signal).breathe,
  };
  const types = plan.fields.map((field) => field.type);
  for await (const rows of executePlan(plan, environment)) {
    options.signal.throwIfAborted();
    for (let at = 0; at < rows.length; at += BATCH_ROWS) yield batchFromRows(types, rows.slice(at, at + BATCH_ROWS));
  }
}

/** A filter and a projection over one scan: read column by column, without making rows. */
interface DirectRead {
  readonly scan: ScanPlan;
  readonly predicate: Expression | null;
  readonly projections: readonly Expression[];
  readonly limit: number | null;
}

function directRead(plan: LogicalPlan): DirectRead | null {
  if (plan.kind === 'limit' && !plan.withTies && plan.offset === null) {
    const inner = directRead(plan.input);
    if (inner === null || inner.limit !== null || plan.limit?.kind !== 'literal') return null;
    // A negative number is the executor's to refuse.
    const limit = plan.limit.value === null ? null : Number(plan.limit.value);
    return limit !== null && limit < 0 ? null : { ...inner, limit };
  }
  const project = plan.kind === 'project' ? plan : null;
  const below = project?.input ?? plan;
  const filter = below.kind === 'filter' ? below : null;
  const scan = filter?.input ?? below;
  if (scan.kind !== 'scan' || scan.relation.kind === 'system') return null;
  const projections = project?.expressions ?? scan.fields.map(({ name, type }, index): Expression => ({ kind: 'column', index, name, type }));
  const expressions = [...projections, ...(filter === null ? [] : [filter.predicate])];
  if (expressions.some(hasSubquery)) return null;
  return { scan, predicate: filter?.predicate ?? null, projections, limit: null };
}

async function* readDirectly(read: DirectRead, sources: Sources, options: ReadOptions): AsyncGenerator<Batch> {
  const { registries } = options.engine;
  const calc = compileCalc({
    predicate: read.predicate,
    projections: read.projections,
    inputColumns: read.scan.fields,
    functions: registries.lookup,
    interpreted: false,
  });
  let missing = read.limit ?? Number.POSITIVE_INFINITY;
  if (missing === 0) return;
  const columns = read.scan.paths.map((path) => path[0]!);
  for await (const batch of sources.batches(read.scan, columns)) {
    options.signal.throwIfAborted();
    const output = calc.run(batch, options.evaluation, (_, error) => {
      throw error;
    });
    if (output === null) continue;
    if (output.weights === null && output.rowCount <= missing) {
      missing -= output.rowCount;
      yield output;
    } else {
      const rows = expand(output).slice(0, missing);
      missing -= rows.length;
      yield batchFromRows(
        read.projections.map((expression) => expression.type),
        rows,
      );
    }
    if (missing <= 0) return;
  }
}

function standsStill({ name }: Relation): SqlError {
  return new SqlError({
    code: SqlState.objectNotInPrerequisiteState,
    message: `rows of "${name}" come as time goes on, and the clock of a test stands still while a statement reads`,
    hint: 'Read a materialized view of it after ADVANCE CLOCK; datagen brings all of its rows at once with "rows-per-second" = 0.',
  });
}
