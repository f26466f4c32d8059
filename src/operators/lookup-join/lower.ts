import { SqlError, SqlState } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import type { LogicalPlan, ScanPlan } from '../../plan/logical/index.ts';
import { type Lowering, type OperatorNode, type OperatorState, ttlDuration } from '../../plan/physical/index.ts';
import type { LookupCache, LookupRetry } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { type KeyedSide, keyedSide } from '../as-of-join/keyed-side.ts';
import { type CalcColumn, calcNode } from '../calc/lower.ts';
import { lookupJoinSpecCodec } from './spec.ts';

/** FOR SYSTEM_TIME AS OF over a table that another system keeps. In front of the temporal join, which takes relations of ours. */
export const lowerLookupJoin: Lowering = {
  operator: 'lookup-join',
  lower(plan, context) {
    if (plan.kind !== 'as-of-join' || !plan.temporal || plan.time !== null) return null;
    const scan = scanOf(plan.right);
    const settings = scan === null ? null : context.lookedUp(scan.relation);
    if (scan === null || settings === null) return null;
    const { joinType, leftKeys, rightKeys } = plan;
    const left = keyedSide(context.lower(plan.left), leftKeys, joinType === 'left' ? [] : leftKeys);
    const fetched = scan.paths.map((path, index) => ({ name: nameThere(scan, path), type: scan.fields[index]!.type }));
    const rightColumns = plan.right.fields.map((_, column) => columnOfScan(plan.right, column, scan));
    const keys = rightKeys.map((key, index) => ({ name: fetched[rightColumns[key]!]!.name, type: left.plan.columns[index]!.type }));
    const { connector, options, retriesMax } = settings;
    const missRetry = scan.lookupRetry ?? null;
    // What is missing now is there by the next attempt, and not in the cache as missing.
    const cache = settings.cache && { ...settings.cache, missing: settings.cache.missing && missRetry === null };
    const condition = rightKeys
      .map((key, index) => `${plan.left.fields[leftKeys[index]!]!.name} = ${scan.fields[rightColumns[key]!]!.name}`)
      .join(' AND ');
    const node: OperatorNode = {
      kind: 'operator',
      operator: {
        kind: lookupJoinSpecCodec.kind,
        version: lookupJoinSpecCodec.version,
        parameters: lookupJoinSpecCodec.encode({ joinType, keys, columns: fetched, connector, options, cache, retriesMax, missRetry }),
        label: `Lookup${joinType === 'left' ? ' left' : ''} join ${condition} in ${scan.relation.name} (${scan.relation.options!.get('connector')}) · ${cacheText(cache)}${retryText(missRetry)}`,
      },
      inputs: [left.input],
      parallelism: 'all',
      state: lookupState(left, leftKeys.length, fetched),
      columns: [...left.plan.columns, ...fetched],
      appendOnly: left.plan.appendOnly,
      net: false,
      distribution: { kind: 'hash', keys: leftKeys.map((_, key) => key) },
      uniqueKeys: [],
      window: null,
      latenessMicros: left.plan.latenessMicros,
    };
    const width = left.plan.columns.length;
    const columns = [...left.position, ...rightColumns.map((column) => width + column)].map((index, at): CalcColumn => {
      const { name, type } = plan.fields[at]!;
      const input: Expression = { kind: 'column', index, name, type: node.columns[index]!.type };
      return { name, expression: input.type.kind === type.kind ? input : { kind: 'cast', input, mode: 'implicit', type } };
    });
    return calcNode(node, null, columns);
  },
};

/** The right side is a relation as it is, or columns of it in another order. */
function scanOf(plan: LogicalPlan): ScanPlan | null {
  if (plan.kind === 'project') return scanOf(plan.input);
  return plan.kind === 'scan' && plan.variant === 'rows' ? plan : null;
}

/** Types whose values are among those of the next: the other system compares both alike. */
const WIDENINGS: readonly (readonly SqlType['kind'][])[] = [
  ['int2', 'int4', 'int8', 'numeric'],
  ['float4', 'float8'],
  ['varchar', 'text'],
];

function isWidening(from: SqlType, to: SqlType): boolean {
  return WIDENINGS.some((kinds) => kinds.includes(from.kind) && kinds.indexOf(from.kind) < kinds.indexOf(to.kind));
}

/** The scan's column that a column of the right side is, or is made of without loss. Errors: 0A000 where it is computed, which only keys are. */
function columnOfScan(plan: LogicalPlan, column: number, scan: ScanPlan): number {
  if (plan.kind !== 'project') return column;
  const expression = plan.expressions[column]!;
  const value = expression.kind === 'cast' && isWidening(expression.input.type, expression.type) ? expression.input : expression;
  if (value.kind === 'column') return columnOfScan(plan.input, value.index, scan);
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `"${scan.relation.name}" can be looked up by its columns only, not by what is computed of them`,
    hint: 'Compare a column with an expression over the left side: CAST that to the type of the column.',
    position: expression.span?.start,
  });
}

/** Errors: 0A000 for columns the other system does not have. */
function nameThere({ relation }: ScanPlan, [column, ...fields]: readonly number[]): string {
  const { name, externalName, source } = relation.columns[column!]!;
  if (source.kind === 'physical' && fields.length === 0) return externalName;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `${fields.length > 0 ? 'a field of' : 'computed'} column "${name}" of "${relation.name}" cannot be looked up`,
    hint: fields.length > 0 ? 'Look up the whole column.' : 'Compute it in the SELECT.',
  });
}

function cacheText(cache: LookupCache | null): string {
  if (cache === null) return 'no cache';
  const { rowsMax, expireAfterWriteMs, expireAfterAccessMs } = cache;
  const limits = [
    `${rowsMax} rows`,
    ...(expireAfterWriteMs === null ? [] : [`${ttlDuration(expireAfterWriteMs)} after write`]),
    ...(expireAfterAccessMs === null ? [] : [`${ttlDuration(expireAfterAccessMs)} after access`]),
  ];
  return `cache ${limits.join(', ')}`;
}

function retryText(retry: LookupRetry | null): string {
  return retry === null ? '' : ` · misses again ${retry.attemptsMax} times after ${ttlDuration(retry.delayMs)}`;
}

/** What was found for rows that may be taken back; of others nothing is kept. */
function lookupState({ plan }: KeyedSide, keyCount: number, fetched: OperatorNode['columns']): OperatorState {
  if (plan.appendOnly) return { kept: [], content: 'endless' };
  const remedy = 'Read a stream on the left, whose rows are never taken back.';
  const key = plan.columns.slice(0, keyCount);
  const columns = [...plan.columns.slice(keyCount), ...fetched];
  return {
    kept: [{ what: 'rows of the left side with what was looked up', key, columns, bound: { kind: 'content', input: 0, remedy } }],
    content: 'input',
  };
}
