import type { Relation } from '../../../catalog/index.ts';
import type { Json } from '../../../jobgraph/index.ts';
import { closingLateness, nextWindowEnd, type WindowAssignPlan, windowsOf } from '../../../plan/index.ts';
import { formatDatum, type SqlType } from '../../../types/index.ts';
import type { StatementContext } from '../../statement-context.ts';
import { type EventTimeSource, eventTimeSources, planOfView, type SourcePartition } from './event-time-sources.ts';
import type { ExplainedQuery } from './explain-target.ts';
import type { Explanation } from './explanation.ts';

const MICROS_PER_SECOND = 1_000_000;
const TIME: SqlType = { kind: 'timestamp', precision: 6 };

/** Where event time stands below a query, which partitions hold it back, and what would close the next window. */
export function explainWatermark({ bound, relation }: ExplainedQuery, context: StatementContext): Explanation {
  const sources = eventTimeSources(bound.plan, context);
  if (sources.length === 0) {
    const text = 'nothing it reads has a WATERMARK';
    return { lines: [text], json: { Watermark: null, Why: text } };
  }
  const plan = relation?.kind === 'materialized view' ? planOfView(relation, context) : bound.plan;
  const windows = windowsOf(plan).flatMap((window) => nextClosing(window, context));
  const following = relation === null ? [] : followingColumns(relation);
  return {
    lines: [...sources.flatMap(sourceLines), ...windows.map(closingText), ...(following.length === 0 ? [] : [followingText(relation!, following)])],
    json: {
      Streams: sources.map(sourceJson),
      Windows: windows.map(closingJson),
      ...(following.length > 0 && { Following: following.map(followingJson) }),
    },
  };
}

/** A column by which readers of a view know that nothing older changes. */
interface FollowingColumn {
  readonly name: string;
  readonly latenessMicros: bigint;
}

function followingColumns({ columns, eventTimes }: Relation): readonly FollowingColumn[] {
  return (eventTimes ?? []).map(({ column, latenessMicros }) => ({ name: columns[column]!.name, latenessMicros }));
}

function followingText({ name }: Relation, columns: readonly FollowingColumn[]): string {
  const texts = columns.map((one) => `${one.name}${one.latenessMicros === 0n ? '' : `, up to ${seconds(one.latenessMicros)} s behind`}`);
  return `${name} passes it on by ${texts.join(' and by ')}`;
}

function followingJson({ name, latenessMicros }: FollowingColumn): Json {
  return { Column: name, 'Lateness Seconds': seconds(latenessMicros) };
}

function sourceLines(source: EventTimeSource): string[] {
  const { relation, watermarkMicros, partitions, ended, delayMicros } = source;
  const column = relation.columns[relation.watermark!.column]!.name;
  const state = ended ? 'ended, every window is closed' : watermarkMicros === null ? 'no watermark yet' : `watermark ${text(watermarkMicros)}`;
  const declared = `${column}${delayMicros === 0n ? '' : ` - ${seconds(delayMicros)} s`}`;
  return [
    `${relation.name} · ${state} · declared as ${declared}`,
    ...partitions.map((one) => `  partition ${one.partition}: ${partitionText(one, source)}`),
  ];
}

function partitionText(one: SourcePartition, source: EventTimeSource): string {
  const last = one.lastRowAtMicros === null ? '' : `, last row read at ${text(one.lastRowAtMicros)}`;
  if (one.problem !== null) return `waits: ${one.problem.message}${last}`;
  if (one.ended) return 'read to its end, does not count any more';
  if (one.idle) return `idle, does not count${last}`;
  if (one.watermarkMicros === null) return 'no row yet, holds time back; idle_timeout would let it be passed over';
  const behind = behindOthers(one, source);
  const unread = one.endOffset === null || one.endOffset <= one.offset ? '' : `, ${one.endOffset - one.offset} rows unread`;
  return `watermark ${text(one.watermarkMicros)}${one.holds && behind > 0n ? `, holds time back: ${seconds(behind)} s behind` : ''}${unread}${last}`;
}

/** How far the most advanced partition is ahead. */
function behindOthers(one: SourcePartition, { partitions }: EventTimeSource): bigint {
  let most = one.watermarkMicros!;
  for (const { watermarkMicros } of partitions) if (watermarkMicros !== null && watermarkMicros > most) most = watermarkMicros;
  return most - one.watermarkMicros!;
}

interface NextClosing {
  readonly window: WindowAssignPlan['window']['kind'];
  /** Null: not known before there are rows, or of a session. */
  readonly endMicros: bigint | null;
  /** The times rows of each stream need, so that the window closes. */
  readonly needed: readonly { readonly stream: string; readonly timeMicros: bigint }[];
}

function nextClosing(plan: WindowAssignPlan, context: StatementContext): readonly NextClosing[] {
  const latenessMicros = closingLateness(plan);
  const sources = eventTimeSources(plan, context).filter((source) => !source.ended);
  if (latenessMicros === null || sources.length === 0) return [];
  const { kind } = plan.window;
  let lowest: bigint | null = null;
  for (const { watermarkMicros } of sources) {
    if (watermarkMicros === null) return [{ window: kind, endMicros: null, needed: [] }];
    if (lowest === null || watermarkMicros < lowest) lowest = watermarkMicros;
  }
  const endMicros = nextWindowEnd(plan.window, lowest! - latenessMicros);
  if (endMicros === null) return [{ window: kind, endMicros, needed: [] }];
  const reached = endMicros + latenessMicros;
  const waiting = sources.filter((source) => source.watermarkMicros! < reached);
  return [
    { window: kind, endMicros, needed: waiting.map(({ relation, delayMicros }) => ({ stream: relation.name, timeMicros: reached + delayMicros })) },
  ];
}

function closingText({ window, endMicros, needed }: NextClosing): string {
  const name = `${window[0]!.toUpperCase()}${window.slice(1)}`;
  if (endMicros === null)
    return window === 'session' ? `${name}: each closes when the watermark passes its last row by the gap` : `${name}: no window yet`;
  const rows = needed.map(({ stream, timeMicros }) => `a row of ${stream} at ${text(timeMicros)} or later in each partition that holds time back`);
  return `${name}: the window that ends at ${text(endMicros)} is next; it closes with ${rows.join(', and ')}`;
}

function sourceJson({ relation, watermarkMicros, ended, partitions }: EventTimeSource): Json {
  return {
    Stream: relation.name,
    Watermark: watermarkMicros === null ? null : text(watermarkMicros),
    Ended: ended,
    Partitions: partitions.map((one) => ({
      Partition: one.partition,
      Watermark: one.watermarkMicros === null ? null : text(one.watermarkMicros),
      Idle: one.idle,
      'Holds Time Back': one.holds,
      Offset: one.offset,
      'End Offset': one.endOffset,
    })),
  };
}

function closingJson({ window, endMicros, needed }: NextClosing): Json {
  return {
    Window: window,
    'Next End': endMicros === null ? null : text(endMicros),
    Needs: needed.map(({ stream, timeMicros }) => ({ Stream: stream, Time: text(timeMicros) })),
  };
}

function text(micros: bigint): string {
  return formatDatum(TIME, micros);
}

function seconds(micros: bigint): number {
  return Number(micros) / MICROS_PER_SECOND;
}
