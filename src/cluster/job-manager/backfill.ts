import type { Epoch } from '../../batch/index.ts';
import type { JobGraph, RelationId } from '../../jobgraph/index.ts';
import type { HistoryAt } from '../../state/index.ts';
import type { BackfillInputStatus, BackfillStatus } from '../cluster-monitor.ts';
import type { TaskReport } from '../transport/index.ts';
import type { JobRegistry } from './job-registry.ts';
import { isPrivateReader, privateReaderInput } from './job-topology.ts';
import { isUp } from './jobs-up.ts';
import { type ManagedJob, taskName } from './managed-job.ts';
import { positionsOfRecord } from './source-progress.ts';

/** Of an input that is not read to its end, whatever its last report rounds to. */
const NEARLY = 0.999;
/** Of what is read in rows. */
const NO_OFFSETS = { offsets: null, resumedAt: null, kept: null };

/** How a new job gets what one of its inputs holds already. */
interface BackfilledInput {
  readonly relation: RelationId;
  /** The content of a relation, what a reader of its own reads from its source, or nothing: the changes from now on are all. */
  readonly from: 'content' | 'history' | 'nothing';
  /** By split; of a history. */
  readonly starts: ReadonlyMap<string, number>;
}

/** What a new job is to be brought up to. */
export class Backfill {
  readonly inputs: readonly BackfilledInput[];
  /** Its inputs are read as they are at the end of this epoch; null: that is not decided yet. A history is read on to later ones while the job does not take part in epochs. */
  epoch: Epoch | null = null;
  /** Where a history is read to, by input and split. */
  readonly limits = new Map<number, ReadonlyMap<string, number>>();
  /** Where it has gone on reading histories; null: it has begun. */
  readonly resumed: HistoryAt | null;
  /** What the newest checkpoint has of them. */
  kept: HistoryAt | null;

  constructor(inputs: readonly BackfilledInput[], resumed: HistoryAt | null) {
    this.inputs = inputs;
    this.resumed = resumed;
    this.kept = resumed;
  }
}

/** A job that is to be made and waits. */
export interface ComingJob {
  readonly graph: JobGraph;
  /** The slots that it waits for, in words; null: it does not wait for slots. */
  readonly shortage: () => string | null;
}

/** How far the job is; null: it is none that is or was brought up to its inputs. `reports`: the newest ones of all tasks. */
export function backfillStatus(jobId: string, registry: JobRegistry, reports: Iterable<TaskReport>): BackfillStatus | null {
  const job = registry.job(jobId);
  const coming = registry.coming.get(jobId);
  if (job !== undefined) return job.backfill === null ? null : statusOf(job, job.backfill, { registry, reports: [...reports] });
  return coming === undefined ? null : waitingStatus(coming, registry);
}

function waitingStatus({ graph, shortage }: ComingJob, registry: JobRegistry): BackfillStatus {
  const slots = shortage();
  const unready = graph.inputs.flatMap(({ relation }) => registry.producerOf(relation) ?? []).filter((producer) => !isUp(producer, registry));
  const names = new Set(unready.map((producer) => producer.graph.name));
  const inputs = names.size === 0 ? 'other changes of jobs' : `what it reads to run: ${[...names].join(', ')}`;
  return { phase: slots === null ? 'waiting' : 'waiting for slots', waitsFor: slots ?? inputs, epoch: null, inputs: [] };
}

function statusOf(
  job: ManagedJob,
  backfill: Backfill,
  { registry, reports }: { readonly registry: JobRegistry; readonly reports: readonly TaskReport[] },
): BackfillStatus {
  const read = backfill.inputs.map((input, index): InputRead => {
    if (input.from === 'history') return historyRead(job, backfill, { index, input, reports: reportsOfReader(job, index, reports) });
    if (input.from === 'nothing') return { relation: input.relation, rowsRead: 0, rowsTotal: 0, ...NO_OFFSETS, share: 1 };
    return contentRead(input.relation, partsOfContent(job, index, reports), registry.requireProducer(input.relation).outputParallelism());
  });
  // A report may be older than what has come of it.
  const inputs = job.published ? read.map(asDone) : read;
  const isMade = registry.execution(job).state === 'RUNNING';
  const phase = job.published ? 'publishing' : !isMade ? 'starting' : inputs.every(({ share }) => share === 1) ? 'catching up' : 'reading';
  return { phase, waitsFor: null, epoch: backfill.epoch, inputs };
}

type InputRead = BackfillInputStatus;

function asDone(input: InputRead): InputRead {
  const { rowsRead, rowsTotal, offsets } = input;
  const all = Math.max(rowsRead, rowsTotal ?? 0);
  return {
    ...input,
    rowsRead: all,
    rowsTotal: rowsTotal === null ? null : all,
    offsets: offsets === null ? null : { read: offsets.total, total: offsets.total },
    share: 1,
  };
}

type ContentPart = TaskReport['catchUps'][number];

function partsOfContent(job: ManagedJob, index: number, reports: readonly TaskReport[]): ContentPart[] {
  const edgeId = job.inputs[index]?.shared?.id;
  return reports.flatMap(({ catchUps }) => catchUps.filter((one) => one.edgeId === edgeId));
}

/** `producers`: subtasks that have a part of the content each. */
function contentRead(relation: RelationId, parts: readonly ContentPart[], producers: number): InputRead {
  const rowsRead = parts.reduce((sum, part) => sum + part.rowsRead, 0);
  const complete = parts.length === producers;
  if (complete && parts.every(({ contentDone }) => contentDone)) return { relation, rowsRead, rowsTotal: rowsRead, ...NO_OFFSETS, share: 1 };
  if (!complete || parts.some(({ rowsTotal }) => rowsTotal === null)) return { relation, rowsRead, rowsTotal: null, ...NO_OFFSETS, share: null };
  // What has been taken out of the relation since the epoch is read, too.
  const rowsTotal = parts.reduce((sum, part) => sum + Math.max(part.rowsRead, part.rowsTotal!), 0);
  return { relation, rowsRead, rowsTotal, ...NO_OFFSETS, share: Math.min(rowsRead / Math.max(1, rowsTotal), NEARLY) };
}

function reportsOfReader(job: ManagedJob, index: number, reports: readonly TaskReport[]): TaskReport[] {
  return reports.filter(({ task }) => {
    return task.jobId === job.id && task.attempt === job.attempt && isPrivateReader(task.vertex) && privateReaderInput(task.vertex) === index;
  });
}

interface HistoryReading {
  readonly index: number;
  readonly input: BackfilledInput;
  readonly reports: readonly TaskReport[];
}

function historyRead(job: ManagedJob, { limits: allLimits, resumed, kept }: Backfill, { index, input, reports }: HistoryReading): InputRead {
  const { relation, starts } = input;
  const resumedTo = positionsOf(resumed, index);
  const facts = {
    relation,
    rowsRead: reports.reduce((sum, { metrics }) => sum + metrics.rowsIn, 0),
    rowsTotal: null,
    resumedAt: offsetsTo(resumedTo, starts),
    kept: offsetsTo(positionsOf(kept, index), starts),
  };
  const limits = allLimits.get(index);
  if (limits === undefined) return { ...facts, offsets: null, share: null };
  const positions = new Map(reports.flatMap((report) => [...(report.positions ?? [])]));
  let read = 0;
  let total = 0;
  for (const [split, limit] of limits) {
    const start = starts.get(split) ?? limit;
    total += limit - start;
    read += Math.min(limit, positions.get(split) ?? resumedTo?.get(split) ?? start) - start;
  }
  const isThere = job.privateReaders().every((task) => job.atLimit.has(taskName(task)));
  const share = isThere || read === total ? 1 : Math.min(read / total, NEARLY);
  return { ...facts, offsets: { read: isThere ? total : read, total }, share };
}

function positionsOf(at: HistoryAt | null, input: number): ReadonlyMap<string, number> | null {
  const record = at?.sources[input];
  return record === undefined ? null : positionsOfRecord(record);
}

function offsetsTo(positions: ReadonlyMap<string, number> | null, starts: ReadonlyMap<string, number>): number | null {
  return positions === null ? null : [...positions].reduce((sum, [split, position]) => sum + position - (starts.get(split) ?? position), 0);
}
