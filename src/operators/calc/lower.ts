import { SqlError, SqlState } from '../../base/index.ts';
import { type Expression, expressionColumns, mapExpression, printBoundExpression, visitExpression } from '../../expr/index.ts';
import { momentCall } from '../../plan/logical/index.ts';
import {
  type Distribution,
  forwardInput,
  type Lowering,
  type OperatorNode,
  type PhysicalPlan,
  STATELESS,
  type WindowColumns,
} from '../../plan/physical/index.ts';
import type { SqlType } from '../../types/index.ts';
import { calcSpecCodec } from './spec.ts';

export interface CalcColumn {
  readonly name: string;
  readonly expression: Expression;
}

/** Filter and project become one calc; a calc right above another takes it in. */
export const lowerCalc: Lowering = {
  operator: 'calc',
  lower(plan, context) {
    if (plan.kind === 'filter') {
      const input = context.lower(plan.input);
      return calcNode(input, plan.predicate, passThrough(input));
    }
    if (plan.kind === 'project') {
      // A filter by the present is an operator of its own.
      const filtered = plan.input.kind === 'filter' && momentCall(plan.input.predicate) === null ? plan.input : null;
      const input = context.lower(filtered === null ? plan.input : filtered.input);
      const columns = plan.expressions.map((expression, index) => ({ name: plan.fields[index]!.name, expression }));
      return calcNode(input, filtered?.predicate ?? null, columns);
    }
    return null;
  },
};

/** Every column of the input as it is. */
export function passThrough(input: PhysicalPlan): CalcColumn[] {
  return input.columns.map((column, index) => ({ name: column.name, expression: { kind: 'column', index, name: column.name, type: column.type } }));
}

/** A calc over `input`, merged with a calc below where that costs no expression twice. */
export function calcNode(input: PhysicalPlan, predicate: Expression | null, columns: readonly CalcColumn[]): PhysicalPlan {
  if (predicate === null && isIdentity(input, columns)) return input;
  return mergeBelow(input, predicate, columns) ?? ownNode(input, predicate, columns);
}

/** A calc that stays apart from one below: what that computes is computed once for all that read it. */
export function separateCalcNode(input: PhysicalPlan, columns: readonly CalcColumn[]): PhysicalPlan {
  return isIdentity(input, columns) ? input : ownNode(input, null, columns);
}

function ownNode(input: PhysicalPlan, predicate: Expression | null, columns: readonly CalcColumn[]): PhysicalPlan {
  const expressions = columns.map((column) => column.expression);
  if (!input.appendOnly) for (const expression of predicate === null ? expressions : [...expressions, predicate]) refuseProcessingTime(expression);
  return {
    kind: 'operator',
    operator: {
      kind: calcSpecCodec.kind,
      version: calcSpecCodec.version,
      parameters: calcSpecCodec.encode({ predicate, projections: expressions }),
      label: labelOf(input, predicate, columns),
    },
    state: STATELESS,
    inputs: [forwardInput(input)],
    parallelism: input.distribution.kind === 'single' ? 'one' : 'all',
    columns: columns.map((column) => ({ name: column.name, type: column.expression.type })),
    ...mappedTraits(input, expressions),
  };
}

/** A row that is taken back later would get another time then, and not cancel out. */
function refuseProcessingTime(expression: Expression): void {
  visitExpression(expression, (node) => {
    if (node.kind !== 'call' || !node.signature.startsWith('proctime()')) return;
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: 'a continuous query can call proctime() only on rows that are never taken back',
      hint: 'Call it where the stream is read, or use a filter with now().',
      position: node.span?.start,
    });
  });
}

function isIdentity(input: PhysicalPlan, columns: readonly CalcColumn[]): boolean {
  return (
    columns.length === input.columns.length &&
    columns.every(({ name, expression }, index) => expression.kind === 'column' && expression.index === index && name === input.columns[index]!.name)
  );
}

function mergeBelow(input: PhysicalPlan, predicate: Expression | null, columns: readonly CalcColumn[]): PhysicalPlan | null {
  if (input.kind !== 'operator' || input.operator.kind !== calcSpecCodec.kind) return null;
  const below = calcSpecCodec.decode(input.operator.parameters);
  const used = [...columns.map((column) => column.expression), ...(predicate === null ? [] : [predicate])].flatMap(expressionColumns);
  const twice = below.projections.some((expression, index) => expression.kind !== 'column' && used.filter((one) => one === index).length > 1);
  if (twice) return null;
  const substitute = (expression: Expression): Expression =>
    mapExpression(expression, (node) => (node.kind === 'column' ? below.projections[node.index]! : node));
  const conditions = [below.predicate, predicate === null ? null : substitute(predicate)].filter((one) => one !== null);
  const replaced = columns.map(({ name, expression }) => ({ name, expression: substitute(expression) }));
  return calcNode((input as OperatorNode).inputs[0]!.plan, conjunction(conditions), replaced);
}

function conjunction(conditions: readonly Expression[]): Expression | null {
  if (conditions.length <= 1) return conditions[0] ?? null;
  const type: SqlType = { kind: 'bool' };
  return { kind: 'logical', operator: 'and', args: conditions, type };
}

/** Traits follow the columns that pass unchanged. */
function mappedTraits(input: PhysicalPlan, expressions: readonly Expression[]) {
  const newPosition = new Map<number, number>();
  expressions.forEach((expression, index) => {
    if (expression.kind === 'column' && !newPosition.has(expression.index)) newPosition.set(expression.index, index);
  });
  const mapped = (columns: readonly number[]): number[] | null => {
    const positions = columns.map((column) => newPosition.get(column));
    return positions.every((one) => one !== undefined) ? (positions as number[]) : null;
  };
  const position = (column: number | null): number | null => (column === null ? null : (newPosition.get(column) ?? null));
  const keys = input.distribution.kind === 'hash' ? mapped(input.distribution.keys) : null;
  const distribution: Distribution =
    input.distribution.kind === 'single' ? input.distribution : keys === null ? { kind: 'any' } : { kind: 'hash', keys };
  const window: WindowColumns | null =
    input.window === null ? null : { start: position(input.window.start), end: position(input.window.end), time: position(input.window.time) };
  return {
    appendOnly: input.appendOnly,
    // Rows that differ stay different when every column is still there.
    net: input.net && newPosition.size === input.columns.length,
    distribution,
    uniqueKeys: input.uniqueKeys.map(mapped).filter((key) => key !== null),
    window,
    latenessMicros: input.latenessMicros,
    eventTimes: (input.eventTimes ?? []).map(position).filter((one) => one !== null),
  };
}

function labelOf(input: PhysicalPlan, predicate: Expression | null, columns: readonly CalcColumn[]): string {
  const names = input.columns.map((column) => column.name);
  const shown = columns.map(({ name, expression }) => {
    const text = printBoundExpression(expression, names);
    return text === name ? text : `${name} = ${text}`;
  });
  const where = predicate === null ? '' : `Filter ${printBoundExpression(predicate, names)}`;
  const unchanged = predicate !== null && isIdentity(input, columns);
  return unchanged ? where : `Project ${shown.join(', ')}${where === '' ? '' : ` · ${where}`}`;
}
