import { SqlError, SqlState } from '../../base/index.ts';
import { type Expression, expressionColumns } from '../../expr/index.ts';
import {
  type DistinctPlan,
  type FilterPlan,
  type LimitPlan,
  type LogicalPlan,
  type OverPlan,
  type SortPlan,
  type TimeProgress,
  timeProgress,
} from '../../plan/logical/index.ts';
import { CLOSED_WINDOWS_GONE, type Lowering, type LoweringContext, type PhysicalPlan, ttlText, ttlTraits } from '../../plan/physical/index.ts';
import { int8Type } from '../../types/index.ts';
import { calcNode, passThrough } from '../calc/lower.ts';
import { type OrderedInput, orderedInput, originalOrder } from '../ordering/index.ts';
import { numberRange } from './number-range.ts';
import { type TopNRanking, type TopNSpec, type TopNWindow, topNSpecCodec } from './spec.ts';
import { topNState } from './state-bound.ts';

const rankings: Readonly<Record<string, TopNRanking>> = { row_number: 'row-number', rank: 'rank', dense_rank: 'dense-rank' };

/**
 * ORDER BY … LIMIT, DISTINCT ON, and a condition on the number a row has in its partition. An ORDER BY without LIMIT says nothing about a relation's
 * content and is left out. Asked before calc, which takes filters and projections.
 */
export const lowerTopN: Lowering = {
  operator: 'top-n',
  lower(plan, context) {
    switch (plan.kind) {
      case 'sort':
        return context.lower(plan.input);
      case 'limit':
        return limited(plan, context);
      case 'distinct':
        return plan.on === null ? null : firstOfEach(plan, plan.on, context);
      case 'filter':
        return firstByNumber(plan, context, null);
      case 'project': {
        if (plan.input.kind !== 'filter') return null;
        const rows = firstByNumber(plan.input, context, plan.expressions);
        const columns = plan.expressions.map((expression, index) => ({ name: plan.fields[index]!.name, expression }));
        return rows === null ? null : calcNode(rows, null, columns);
      }
      default:
        return null;
    }
  },
};

type Numbers = Pick<TopNSpec, 'ranking' | 'from' | 'to' | 'offset' | 'numbered'>;

function limited(plan: LimitPlan, context: LoweringContext): PhysicalPlan {
  const limit = count(plan.limit, { clause: 'LIMIT', code: SqlState.invalidRowCountInLimitClause });
  const offset = count(plan.offset, { clause: 'OFFSET', code: SqlState.invalidRowCountInOffsetClause }) ?? 0;
  if (limit === null && offset === 0) return context.lower(plan.input);
  const sorted: Pick<SortPlan, 'input' | 'keys'> = plan.input.kind === 'sort' ? plan.input : { input: plan.input, keys: [] };
  const input = context.lower(sorted.input);
  const ordered = orderedInput(input, { partitionBy: [], orderBy: sorted.keys });
  const to = limit === null ? null : offset + limit;
  const withTies = plan.withTies && limit !== null && limit > 0;
  const numbers: Numbers = withTies
    ? { ranking: 'rank', from: 1, to, offset, numbered: false }
    : { ranking: 'row-number', from: offset + 1, to, offset: 0, numbered: false };
  return topN({ input, ordered, closedBy: null, numbers, numberName: '', rows: sorted.input }, context);
}

function firstOfEach(plan: DistinctPlan, on: readonly Expression[], context: LoweringContext): PhysicalPlan {
  const sorted: Pick<SortPlan, 'input' | 'keys'> = plan.input.kind === 'sort' ? plan.input : { input: plan.input, keys: [] };
  const input = context.lower(sorted.input);
  const ordered = orderedInput(input, { partitionBy: on, orderBy: sorted.keys });
  const numbers: Numbers = { ranking: 'row-number', from: 1, to: 1, offset: 0, numbered: false };
  return topN({ input, ordered, closedBy: closingProgress(input, sorted.input, on), numbers, numberName: '', rows: sorted.input }, context);
}

/** A filter right above ROW_NUMBER, RANK or DENSE_RANK that lets the first numbers through; `readers`: all that is read of its output, null for all. */
function firstByNumber(plan: FilterPlan, context: LoweringContext, readers: readonly Expression[] | null): PhysicalPlan | null {
  if (plan.input.kind !== 'over') return null;
  const ranked = rankedBy(plan.input);
  const column = plan.input.input.fields.length;
  const range = numberRange(plan.predicate, column);
  if (ranked === null || range === null) return null;
  const { ranking, call, input: rows } = ranked;
  const numbered = readers === null || [...readers, ...range.residual].some((reader) => expressionColumns(reader).includes(column));
  const input = context.lower(rows);
  const ordered = orderedInput(input, call);
  const numbers: Numbers = { ranking, from: range.from, to: range.to, offset: 0, numbered };
  const first = topN(
    { input, ordered, closedBy: closingProgress(input, rows, call.partitionBy), numbers, numberName: plan.input.fields[column]!.name, rows },
    context,
  );
  const [residual, ...more] = range.residual;
  if (residual === undefined) return first;
  const predicate: Expression = more.length === 0 ? residual : { kind: 'logical', operator: 'and', args: range.residual, type: { kind: 'bool' } };
  return calcNode(first, predicate, passThrough(first));
}

function rankedBy(
  plan: OverPlan,
): { readonly ranking: TopNRanking; readonly call: OverPlan['calls'][number]; readonly input: OverPlan['input'] } | null {
  const [call, ...more] = plan.calls;
  if (call === undefined || more.length > 0 || call.function.kind !== 'window') return null;
  const ranking = rankings[call.function.name];
  return ranking === undefined ? null : { ranking, call, input: plan.input };
}

interface TopNParts {
  readonly input: PhysicalPlan;
  readonly ordered: OrderedInput;
  /** The clock the partition's window end follows, null where no partition is ever closed. */
  readonly closedBy: TimeProgress | null;
  readonly numbers: Numbers;
  readonly numberName: string;
  /** What `input` was lowered from. */
  readonly rows: LogicalPlan;
}

function topN({ input, ordered, closedBy, numbers, numberName, rows }: TopNParts, context: LoweringContext): PhysicalPlan {
  const { plan, keyed, partitionCount, orderBy, position } = ordered;
  const end = plan.window?.end ?? null;
  const window: TopNWindow | null = closedBy === null || end === null ? null : { endColumn: end, ...closedBy, mode: context.emit };
  const keys = Array.from({ length: partitionCount }, (_, index) => index);
  const added = numbers.numbered ? [numberName] : [];
  const stateTtlMs = partitionCount === 0 || window !== null ? null : context.stateTtl(rows);
  const spec: TopNSpec = { partitionCount, partitionKeyCount: keyed.partitionKeyCount, orderBy, tieBy: position, window, stateTtlMs, ...numbers };
  const single = partitionCount === 0 || plan.distribution.kind === 'single';
  const numberKeys = numbers.ranking !== 'row-number' ? [] : numbers.numbered ? [[...keys, plan.columns.length]] : numbers.to === 1 ? [keys] : [];
  const node: PhysicalPlan = {
    kind: 'operator',
    operator: {
      kind: topNSpecCodec.kind,
      version: topNSpecCodec.version,
      parameters: topNSpecCodec.encode(spec),
      label: `${labelOf(spec, ordered)}${ttlText(stateTtlMs)}`,
    },
    state: topNState(spec, plan),
    inputs: [keyed.input],
    parallelism: single ? 'one' : 'all',
    columns: [...plan.columns, ...added.map((name) => ({ name, type: int8Type }))],
    appendOnly: window?.mode === 'on-window-close',
    net: true,
    distribution: single ? { kind: 'single' } : { kind: 'hash', keys: keys.slice(0, keyed.partitionKeyCount) },
    uniqueKeys: [...plan.uniqueKeys, ...numberKeys],
    window: plan.window,
    latenessMicros: plan.latenessMicros,
    // What is shown changes with the rows of its partition.
    eventTimes: (plan.eventTimes ?? []).filter((column) => column < partitionCount),
    // A window that closes by the time of epochs shows its rows without one coming.
    ...(window?.clock === 'epoch' && { timed: true }),
    ...(window === null ? { showsAgain: stateTtlMs === null } : { cannotShow: CLOSED_WINDOWS_GONE }),
    ...(stateTtlMs !== null && ttlTraits(stateTtlMs)),
  };
  return originalOrder(
    node,
    ordered,
    input.columns.map((column) => column.name),
    added,
  );
}

/** The clock of the window the partition is part of, when nothing changes its rows once it has closed. */
function closingProgress(input: PhysicalPlan, plan: LogicalPlan, partitionBy: readonly Expression[]): TimeProgress | null {
  const end = input.window?.end ?? null;
  const isKey = partitionBy.some((expression) => expression.kind === 'column' && expression.index === end);
  return end !== null && isKey && isFinalWhenClosed(input) ? timeProgress(plan, end) : null;
}

/** Up to the window's assignment there is one input each: no other side of a join that may still change. */
function isFinalWhenClosed(plan: PhysicalPlan): boolean {
  if (plan.window === null) return true;
  return plan.kind === 'operator' && plan.inputs.length === 1 && isFinalWhenClosed(plan.inputs[0]!.plan);
}

function labelOf(spec: TopNSpec, { plan }: OrderedInput): string {
  const name = (column: number): string => plan.columns[column]!.name;
  const { from, to, offset, ranking, partitionCount, orderBy, window } = spec;
  const numbers = from === 1 ? `${to === null ? 'all' : to - offset}` : to === null ? `all` : `${to - from + 1}`;
  const skipped = from === 1 ? offset : from - 1;
  const parts = [
    `TopN ${numbers}`,
    ...(skipped > 0 ? [`from ${skipped}`] : []),
    ...(ranking === 'row-number' ? [] : [`with ties${ranking === 'rank' ? '' : ' counted once'}`]),
    ...(partitionCount === 0 ? [] : [`of each ${Array.from({ length: partitionCount }, (_, column) => name(column)).join(', ')}`]),
    ...(orderBy.length === 0 ? [] : [`by ${orderBy.map((key) => `${name(key.column)}${key.descending ? ' desc' : ''}`).join(', ')}`]),
    ...(window === null ? [] : [`· emit ${window.mode.replaceAll('-', ' ')}`]),
  ];
  return parts.join(' ');
}

/** LIMIT and OFFSET of a view are constants. */
function count(expression: Expression | null, { clause, code }: { readonly clause: string; readonly code: SqlState }): number | null {
  if (expression === null) return null;
  if (expression.kind === 'literal') {
    const value = expression.value === null ? null : Number(expression.value);
    if (value !== null && value < 0) throw new SqlError({ code, message: `${clause} must not be negative`, position: expression.span?.start });
    return value;
  }
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `${clause} of a continuous query must be a constant`,
    position: expression.span?.start,
  });
}
