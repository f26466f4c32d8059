import { assert, SqlError, SqlState } from '../../base/index.ts';
import { isOnlyElsewhere, type Relation } from '../../catalog/index.ts';
import type { SetAside } from '../../jobgraph/index.ts';
import type { LogicalPlan, ScanPlan } from '../logical/index.ts';
import type { Lowering, LoweringContext } from './lowering.ts';
import type { Distribution, PhysicalPlan, RelationNode } from './physical-plan.ts';

/** A scan is no operator: it is an input of the job, the changelog of the relation's own job. */
export const lowerScan: Lowering = {
  operator: 'relation',
  lower(plan: LogicalPlan, context: LoweringContext): PhysicalPlan | null {
    if (plan.kind !== 'scan') return null;
    refuseUnreadable(plan, context);
    const { relation, paths } = plan;
    if (plan.variant !== 'rows') return rowsSetAside(plan, plan.variant);
    const position = new Map(paths.flatMap((path, index) => (path.length === 1 ? [[path[0]!, index] as const] : [])));
    const mapped = (columns: readonly number[]): number[] | null => {
      const positions = columns.map((column) => position.get(column));
      return positions.every((one) => one !== undefined) ? (positions as number[]) : null;
    };
    return {
      kind: 'relation',
      relation,
      paths,
      columns: plan.fields,
      appendOnly: relation.appendOnly,
      net: false,
      ...placeOf(plan, mapped),
      uniqueKeys: relation.uniqueKeys.map(mapped).filter((key) => key !== null),
      window: null,
      ...timesOf(plan, mapped),
    };
  },
};

/** The rows that a stream does not take come from its source as those that it takes do, in the same epochs. They are never taken back, and nothing is known of their times. */
function rowsSetAside({ relation, paths, fields }: ScanPlan, variant: SetAside): RelationNode {
  return {
    kind: 'relation',
    relation,
    setAside: variant,
    paths,
    columns: fields,
    appendOnly: true,
    net: false,
    distribution: { kind: 'any' },
    uniqueKeys: [],
    window: null,
    latenessMicros: null,
    eventTimes: [],
  };
}

/** What is known of the times of a relation's rows. Of a view's columns those that follow the watermark most closely. */
function timesOf(
  { relation, paths }: ScanPlan,
  mapped: (columns: readonly number[]) => number[] | null,
): Pick<RelationNode, 'latenessMicros' | 'eventTimes'> {
  const { watermark, eventTimes } = relation;
  if (eventTimes === undefined) {
    // Rows below the bound are late and not in the relation; a relation that takes rows back may take back any.
    const column = watermark !== null && relation.appendOnly ? mapped([watermark.column]) : null;
    return { latenessMicros: watermark?.latenessMicros ?? null, eventTimes: column ?? [] };
  }
  const read = eventTimes.filter(({ column }) => paths.some((path) => path.length === 1 && path[0] === column));
  let least: bigint | null = null;
  for (const { latenessMicros } of read) if (least === null || latenessMicros < least) least = latenessMicros;
  const closest = read.filter(({ latenessMicros }) => latenessMicros === least).map(({ column }) => column);
  return { latenessMicros: least, eventTimes: mapped(closest) ?? [] };
}

/** Where rows are read: where they lie, or where a hint has them sent. */
function placeOf(plan: ScanPlan, mapped: (columns: readonly number[]) => number[] | null): Pick<RelationNode, 'distribution' | 'routing'> {
  const { partitioning } = plan;
  if (partitioning === undefined) return { distribution: distributionOf(plan, mapped) };
  switch (partitioning.kind) {
    case 'global':
      return { distribution: { kind: 'single' }, routing: partitioning };
    case 'hash': {
      const keys = mapped(partitioning.columns);
      assert(keys !== null, 'columns that rows are sent by are read');
      return { distribution: { kind: 'hash', keys }, routing: { kind: 'hash', keys } };
    }
    default:
      return { distribution: { kind: 'any' }, routing: { kind: partitioning.kind } };
  }
}

/** Stored tables lie hashed by their primary key. */
function distributionOf(plan: ScanPlan, mapped: (columns: readonly number[]) => number[] | null): Distribution {
  const { kind, primaryKey } = plan.relation;
  const keys = kind === 'table' && primaryKey !== null ? mapped(primaryKey) : null;
  return keys === null ? { kind: 'any' } : { kind: 'hash', keys };
}

function keptElsewhere(relation: Relation, context: LoweringContext): SqlError {
  const connector = relation.options!.get('connector');
  if (context.lookedUp(relation) === null)
    return new SqlError({ code: SqlState.wrongObjectType, message: `"${relation.name}" cannot be read: connector "${connector}" only takes rows` });
  return new SqlError({
    code: SqlState.wrongObjectType,
    message: `"${relation.name}" cannot be read as a whole: its rows are looked up by key`,
    hint: `Use JOIN ${relation.name} FOR SYSTEM_TIME AS OF PROCTIME() ON … in a view, a sink or SELECT … EMIT CHANGES.`,
  });
}

/** A stream with a connector has nothing behind its source: whoever comes later reads all of them from where the stream begins. */
function refuseAside({ name, kind, options }: Relation, variant: SetAside): void {
  if (kind === 'stream' && options !== null) return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `${variant}_rows('${name}') cannot be part of a continuous query: that is so of streams with a connector alone`,
    hint: 'Read it with a SELECT.',
  });
}

function refuseUnreadable(plan: ScanPlan, context: LoweringContext): void {
  const { relation, variant, fields } = plan;
  if (variant !== 'rows') {
    refuseAside(relation, variant);
    // A restart reads the messages again, at another time.
    if (variant === 'bad' && fields.some(({ name }) => name === 'at'))
      throw new SqlError({
        code: SqlState.featureNotSupported,
        message: `column "at" of bad_rows('${relation.name}') cannot be part of a continuous query: it is the time at which a message was read, which is another one after a restart`,
        hint: 'Name the columns that the query needs: partition, offset, reason, data.',
      });
    return;
  }
  if (relation.kind === 'system') {
    throw new SqlError({ code: SqlState.featureNotSupported, message: `system relation "${relation.name}" cannot be part of a continuous query` });
  }
  if (isOnlyElsewhere(relation)) throw keptElsewhere(relation, context);
  if (relation.kind === 'sink') throw new SqlError({ code: SqlState.wrongObjectType, message: `"${relation.name}" is a sink and cannot be read` });
}
