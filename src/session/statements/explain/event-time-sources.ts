import { MIN_WATERMARK } from '../../../batch/index.ts';
import type { Relation } from '../../../catalog/index.ts';
import type { SourcePartitionStatus } from '../../../cluster/index.ts';
import type { LogicalPlan } from '../../../plan/index.ts';
import { relationId, relationsOf, StatementBinder } from '../../engine/index.ts';
import type { StatementContext } from '../../statement-context.ts';

/** A stream whose rows make the watermark of what reads it. */
export interface EventTimeSource {
  readonly relation: Relation;
  readonly delayMicros: bigint;
  readonly partitions: readonly SourcePartition[];
  /** Null: no watermark yet. */
  readonly watermarkMicros: bigint | null;
  /** Every partition is read to its end, so that every window is closed. */
  readonly ended: boolean;
}

export interface SourcePartition extends SourcePartitionStatus {
  /** Nothing comes any more. */
  readonly ended: boolean;
  /** The watermark is no further because of it. */
  readonly holds: boolean;
}

/** The streams with a watermark below a plan, through the views it reads. */
export function eventTimeSources(plan: LogicalPlan, context: StatementContext): readonly EventTimeSource[] {
  return [...streamsBelow(plan, context)].map((relation) => sourceOf(relation, context));
}

function streamsBelow(plan: LogicalPlan, context: StatementContext): ReadonlySet<Relation> {
  const found = new Set<Relation>();
  for (const relation of relationsOf(plan)) {
    if (relation.watermark !== null) found.add(relation);
    else if (relation.kind === 'materialized view') for (const one of streamsBelow(planOfView(relation, context), context)) found.add(one);
  }
  return found;
}

/** The plan a view has been made of. */
export function planOfView(relation: Relation, { engine }: StatementContext): LogicalPlan {
  return StatementBinder.forCatalog(engine, engine.snapshot.storedReader(relation), {
    dependsOn: relation.dependsOn,
  }).continuousQueryText(relation.query!).plan;
}

function sourceOf(relation: Relation, { engine }: StatementContext): EventTimeSource {
  const id = relationId(relation);
  const statuses = engine.cluster.sourcePartitions().filter((one) => one.relation === id);
  const ends = new Map((relation.splits ?? []).map((split) => [split.id, split.end]));
  const isEnded = ({ partition, offset }: SourcePartitionStatus): boolean => {
    const end = ends.get(partition) ?? null;
    return end !== null && offset >= end;
  };
  const counted = statuses.filter((one) => !one.idle && !isEnded(one));
  let lowest: bigint | null = null;
  for (const { watermarkMicros } of counted) {
    const own = watermarkMicros ?? MIN_WATERMARK;
    if (lowest === null || own < lowest) lowest = own;
  }
  // A watermark never goes back: a partition that was idle and comes again behind it only brings late rows.
  let watermark = lowest ?? MIN_WATERMARK;
  for (const { jobId, watermarkMicros: reached } of engine.cluster.monitor.vertices()) {
    if (jobId === id && reached !== null && reached > watermark) watermark = reached;
  }
  return {
    relation,
    delayMicros: relation.watermark!.delayMicros,
    partitions: statuses.map((one) => ({
      ...one,
      ended: isEnded(one),
      holds: counted.includes(one) && (one.watermarkMicros ?? MIN_WATERMARK) === lowest,
    })),
    watermarkMicros: watermark === MIN_WATERMARK ? null : watermark,
    ended: statuses.length > 0 && statuses.every(isEnded),
  };
}
