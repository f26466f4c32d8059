import type { SqlError } from '../../base/index.ts';
import { type Epoch, MAX_WATERMARK, MIN_WATERMARK } from '../../batch/index.ts';
import type { JobGraph, JobVertex } from '../../jobgraph/index.ts';
import type { EpochRelease } from '../../runtime/index.ts';
import type { Split, SplitCut, SplitStatus, SplitVerdicts } from '../../spi/index.ts';
import type { EpochRecord, SourceRecord, SplitRecord } from '../../state/index.ts';
import type { SourceDeployment, SourcePartitionStatus } from '../cluster.ts';
import { recordOfVerdicts, VerdictLog, verdictsOfRecord } from './verdict-log.ts';

interface SplitProgress {
  readonly split: Split;
  cut: SplitCut;
  /** Monotonic time of the last progress, for idleness. */
  progressedAtMs: number;
  lastRowAtMicros: bigint | null;
  endPosition: number | null;
  oldestPosition: number | null;
  /** Idle in the newest epoch alone, by an announcement. */
  idleOnce: boolean;
  readonly verdicts: VerdictLog;
  /** Those of the newest epoch. */
  newVerdicts: SplitVerdicts;
}

const NO_VERDICTS: SplitVerdicts = { floors: [], future: [] };

/** The one split of a source that has none of its own (VALUES). */
const WHOLE_SPLIT: Split = { id: 'all', parameters: {}, start: 0, end: null };

/**
 * Where a source vertex stands, and what its relation's watermark is: the minimum over splits that are not idle, never back, MAX once every split has
 * ended. Idleness is decided here, once, and recorded.
 */
export class SourceProgress {
  /** Name in epoch records: the relation, or job and operator where no relation is read. */
  readonly key: string;
  /** What it was called by its vertex, in records of former versions. Vertices are others at another parallelism: two sources of a job could be taken for each other. */
  readonly #formerKey: string | null;
  readonly vertex: JobVertex;
  readonly #deployment: SourceDeployment | null;
  readonly #splits: SplitProgress[];
  #watermark: bigint | null;
  /** What every split is held to have reached from the next epoch on. */
  #announced: bigint | null = null;
  /** Somebody consumes the rows. */
  started = false;
  /** There may be rows that no epoch has. */
  #moved = true;
  /** What subtasks wait for. */
  readonly #problems = new Map<number, SqlError>();

  constructor(graph: JobGraph, vertex: JobVertex, deployment: SourceDeployment | null, nowMs: number) {
    const relation = graph.kind !== 'view' && deployment !== null ? (graph.output?.relation ?? null) : null;
    this.key = relation ?? `${graph.jobId}:${vertex.operators[0]!.operatorId}`;
    this.#formerKey = relation === null ? `${graph.jobId}:${vertex.id}` : null;
    this.vertex = vertex;
    this.#deployment = deployment;
    this.#watermark = this.hasWatermark ? MIN_WATERMARK : null;
    this.#splits = (deployment?.splits ?? [WHOLE_SPLIT]).map((split) => ({
      split,
      cut: beginningOf(split),
      progressedAtMs: nowMs,
      lastRowAtMicros: null,
      endPosition: null,
      oldestPosition: null,
      idleOnce: false,
      verdicts: new VerdictLog(),
      newVerdicts: NO_VERDICTS,
    }));
  }

  /** Where it stood at the epoch; undefined when the epoch was without it. */
  recordIn({ sources }: Pick<EpochRecord, 'sources'>): SourceRecord | undefined {
    return sources.find(({ relation }) => relation === this.key) ?? sources.find(({ relation }) => relation === this.#formerKey);
  }

  /** All splits are read to their ends. Before somebody reads them that is not so, even where there is nothing to read: its end is to be told to somebody. */
  get finished(): boolean {
    return this.started && this.#splits.length > 0 && this.#splits.every((split) => split.cut.finished);
  }

  /** Nothing has been read yet: a new consumer needs no history. */
  get atStart(): boolean {
    return this.#splits.every((split) => split.cut.position === split.split.start);
  }

  /** Back to the splits' starts, or to the record of a checkpoint. */
  restore(record: SourceRecord | undefined, nowMs: number): void {
    for (const { verdicts } of this.#splits) verdicts.clear();
    this.replayed(record, nowMs);
  }

  /** On to the record of the next epoch. */
  replayed(record: SourceRecord | undefined, nowMs: number): void {
    this.#watermark = this.hasWatermark ? MIN_WATERMARK : null;
    if (record !== undefined && record.watermarkMicros !== null) this.#watermark = BigInt(record.watermarkMicros);
    this.#problems.clear();
    this.#moved = true;
    for (const progress of this.#splits) {
      const recorded = record?.splits.find((split) => split.split === progress.split.id);
      progress.cut = recorded === undefined ? beginningOf(progress.split) : cutOfRecord(recorded);
      if (recorded?.verdicts !== undefined) progress.verdicts.add(verdictsOfRecord(recorded.verdicts));
      progress.progressedAtMs = nowMs;
      progress.idleOnce = false;
    }
  }

  /**
   * The next epoch takes the relation's watermark to `micros` as if every split had reached it: in that one epoch the splits count as idle, so that each
   * takes the watermark as its floor, is recorded with it, and goes on from there.
   */
  announceWatermark(micros: bigint): void {
    this.#announced = micros;
  }

  /** Split i belongs to subtask i modulo parallelism. */
  assignment(subtask: number): { split: Split; from: SplitCut }[] {
    return this.#splits.filter((_, index) => index % this.vertex.parallelism === subtask).map(({ split, cut }) => ({ split, from: cut }));
  }

  /** As `assignment`, from the very beginning: for a private reader. */
  beginnings(subtask: number): { split: Split; from: SplitCut }[] {
    return this.assignment(subtask).map(({ split }) => ({ split, from: beginningOf(split) }));
  }

  /** As `beginnings`, from where a reader stood that has been paused. */
  resumptions(subtask: number, record: SourceRecord | undefined): { split: Split; from: SplitCut }[] {
    return this.beginnings(subtask).map(({ split, from }) => {
      const recorded = record?.splits.find((candidate) => candidate.split === split.id);
      return { split, from: recorded === undefined ? from : cutOfRecord(recorded) };
    });
  }

  /** Where reading begins, by split. */
  starts(): ReadonlyMap<string, number> {
    return new Map(this.#splits.map(({ split }) => [split.id, split.start]));
  }

  positions(): ReadonlyMap<string, number> {
    return new Map(this.#splits.map(({ split, cut }) => [split.id, cut.position]));
  }

  /** What was decided about rows of each split before positions(). */
  verdicts(): ReadonlyMap<string, SplitVerdicts> {
    return new Map(this.#splits.map(({ split, verdicts: { floors, future } }) => [split.id, { floors, future }]));
  }

  /** The same position for each split, of an embedded log. */
  positionsAt(position: number): ReadonlyMap<string, number> {
    return new Map(this.#splits.map(({ split }) => [split.id, position]));
  }

  /** Takes the cuts of an epoch and decides idleness and watermark. */
  advance(cuts: readonly SplitCut[], now: { readonly monotonicMs: number; readonly micros: bigint }): SourceRecord {
    for (const progress of this.#splits) {
      if (progress.idleOnce) progress.cut = { ...progress.cut, idle: false };
      progress.idleOnce = false;
    }
    for (const cut of cuts) {
      const progress = this.#splits.find((candidate) => candidate.split.id === cut.split);
      if (progress === undefined) continue;
      if (cut.position !== progress.cut.position) {
        progress.progressedAtMs = now.monotonicMs;
        progress.lastRowAtMicros = now.micros;
        progress.cut = { ...cut, idle: false };
      } else {
        const idleAfterMs = this.#deployment?.idleTimeoutMs ?? null;
        const overdue = idleAfterMs !== null && now.monotonicMs - progress.progressedAtMs >= idleAfterMs;
        progress.cut = { ...cut, idle: progress.cut.idle || (this.started && overdue) };
      }
    }
    this.#advanceWatermark();
    this.#applyAnnouncement();
    this.#noteVerdicts(cuts);
    return this.record();
  }

  /** There may be rows that no epoch has. */
  hasMoved(): void {
    this.#moved = true;
  }

  /** A cut is about to be asked for: what has come until now will be in it, and of what comes meanwhile it will be told. */
  cutBegins(): void {
    this.#moved = false;
  }

  /** The next epoch may differ from the last one: it has rows, or its watermark may advance without any. Before somebody reads it nothing comes. */
  hasNews(nowMs: number): boolean {
    if ((this.#moved && this.started) || this.#announced !== null || this.#splits.some(({ idleOnce }) => idleOnce)) return true;
    const idleMs = this.nextIdleMs();
    return idleMs !== null && idleMs <= nowMs;
  }

  /** For the log. */
  record(): SourceRecord {
    return this.#record(({ newVerdicts }) => newVerdicts);
  }

  /** For the log, of an embedded log whose reader has not answered: it will read up to this position. */
  recordAt(position: number): SourceRecord {
    const { splits, ...record } = this.#record(() => NO_VERDICTS);
    return { ...record, splits: splits.map((split) => ({ ...split, position })) };
  }

  /** For a checkpoint, before which the log is forgotten. */
  wholeRecord(): SourceRecord {
    return this.#record(({ verdicts }) => verdicts);
  }

  #record(verdictsOf: (progress: SplitProgress) => SplitVerdicts): SourceRecord {
    return {
      relation: this.key,
      splits: this.#splits.map((progress) => recordOfCut(progress.cut, verdictsOf(progress))),
      watermarkMicros: this.#watermark === null ? null : String(this.#watermark),
    };
  }

  /** A split that is idle takes the relation's watermark as its floor, as its reader does when it learns of both. */
  #noteVerdicts(cuts: readonly SplitCut[]): void {
    const watermark = this.#watermark;
    for (const progress of this.#splits) {
      const { idle, position } = progress.cut;
      const future = cuts.find((cut) => cut.split === progress.split.id)?.future ?? [];
      progress.newVerdicts = { floors: idle && watermark !== null ? [{ position, micros: watermark }] : [], future };
      progress.verdicts.add(progress.newVerdicts);
    }
  }

  /** When the next split may have to be declared idle, on the monotonic clock; null: never. */
  nextIdleMs(): number | null {
    const idleAfterMs = this.#deployment?.idleTimeoutMs ?? null;
    if (idleAfterMs === null || !this.started) return null;
    const waiting = this.#splits.filter(({ cut }) => !cut.idle && !cut.finished).map(({ progressedAtMs }) => progressedAtMs + idleAfterMs);
    return waiting.length === 0 ? null : Math.min(...waiting);
  }

  noteProblem(subtask: number, problem: SqlError | null): void {
    if (problem === null) this.#problems.delete(subtask);
    else this.#problems.set(subtask, problem);
  }

  observe(status: readonly SplitStatus[]): void {
    for (const { split, endPosition, oldestPosition = null } of status) {
      const progress = this.#splits.find((candidate) => candidate.split.id === split);
      if (progress !== undefined) Object.assign(progress, { endPosition, oldestPosition });
    }
  }

  statuses(asOfMicros: bigint): SourcePartitionStatus[] {
    const delay = this.#deployment?.watermarkDelayMicros ?? null;
    return this.#splits.map(({ split, cut, endPosition, oldestPosition, lastRowAtMicros }, index) => ({
      relation: this.key,
      partition: split.id,
      offset: cut.position,
      endOffset: endPosition ?? split.end,
      oldestOffset: oldestPosition,
      watermarkMicros: delay === null || cut.maxEventMicros === null ? null : cut.maxEventMicros - delay,
      idle: cut.idle,
      lastRowAtMicros,
      problem: this.#problems.get(index % this.vertex.parallelism) ?? null,
      asOfMicros,
    }));
  }

  get hasWatermark(): boolean {
    return (this.#deployment?.watermarkDelayMicros ?? null) !== null;
  }

  #applyAnnouncement(): void {
    const micros = this.#announced;
    this.#announced = null;
    if (micros === null || this.#watermark === null) return;
    if (micros > this.#watermark) this.#watermark = micros;
    for (const progress of this.#splits) {
      if (progress.cut.idle) continue;
      progress.cut = { ...progress.cut, idle: true };
      progress.idleOnce = true;
    }
  }

  #advanceWatermark(): void {
    if (this.finished) {
      this.#watermark = MAX_WATERMARK;
      return;
    }
    const delay = this.#deployment?.watermarkDelayMicros ?? null;
    if (delay === null) return;
    let minimum: bigint | null = null;
    for (const { cut } of this.#splits) {
      if (cut.idle || cut.finished) continue;
      const own = cut.maxEventMicros === null ? MIN_WATERMARK : cut.maxEventMicros - delay;
      if (minimum === null || own < minimum) minimum = own;
    }
    if (minimum !== null && (this.#watermark === null || minimum > this.#watermark)) this.#watermark = minimum;
  }
}

/** What the source tasks of a recorded epoch are told. */
export function releaseOf(
  record: SourceRecord,
  epoch: { readonly epoch: Epoch; readonly timestampMicros: bigint; readonly checkpoint: boolean; readonly last: boolean },
): EpochRelease {
  return {
    ...epoch,
    watermarkMicros: record.watermarkMicros === null ? null : BigInt(record.watermarkMicros),
    idleSplits: new Set(record.splits.filter((split) => split.idle).map((split) => split.split)),
  };
}

export function verdictsOfSource(record: SourceRecord): ReadonlyMap<string, SplitVerdicts> {
  return new Map(record.splits.map((split) => [split.split, split.verdicts === undefined ? NO_VERDICTS : verdictsOfRecord(split.verdicts)]));
}

export function positionsOfRecord(record: SourceRecord): ReadonlyMap<string, number> {
  return new Map(record.splits.map((split) => [split.split, split.position]));
}

function beginningOf(split: Split): SplitCut {
  return { split: split.id, position: split.start, maxEventMicros: null, floorMicros: null, idle: false, finished: false, future: [] };
}

/** Where a private reader of the relation was. */
export function recordOfCuts(relation: string, cuts: readonly SplitCut[]): SourceRecord {
  return { relation, splits: cuts.map((cut) => recordOfCut(cut, NO_VERDICTS)), watermarkMicros: null };
}

function recordOfCut(cut: SplitCut, verdicts: SplitVerdicts): SplitRecord {
  return {
    split: cut.split,
    position: cut.position,
    maxEventMicros: cut.maxEventMicros === null ? null : String(cut.maxEventMicros),
    floorMicros: cut.floorMicros === null ? null : String(cut.floorMicros),
    idle: cut.idle,
    finished: cut.finished,
    ...(verdicts.floors.length + verdicts.future.length === 0 ? {} : { verdicts: recordOfVerdicts(verdicts) }),
  };
}

function cutOfRecord(record: SplitRecord): SplitCut {
  return {
    split: record.split,
    position: record.position,
    maxEventMicros: record.maxEventMicros === null ? null : BigInt(record.maxEventMicros),
    floorMicros: record.floorMicros === null ? null : BigInt(record.floorMicros),
    idle: record.idle,
    finished: record.finished,
    future: [],
  };
}
