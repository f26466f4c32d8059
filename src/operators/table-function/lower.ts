import { type Expression, mapExpression, printBoundExpression } from '../../expr/index.ts';
import type { Field, JoinPlan, TableFunctionPlan, ValuesPlan } from '../../plan/logical/index.ts';
import { forwardInput, type Lowering, type LoweringContext, type PhysicalPlan, STATELESS } from '../../plan/physical/index.ts';
import { int4Type } from '../../types/index.ts';
import { type CalcColumn, calcNode, passThrough } from '../calc/lower.ts';
import { tableFunctionSpecCodec } from './spec.ts';

/** One row that says nothing, for a function that stands alone in FROM. */
const ONE_ROW: ValuesPlan = {
  kind: 'values',
  rows: [[{ kind: 'literal', type: int4Type, value: 0 }]],
  fields: [{ name: 'row', type: int4Type }],
};

/** A function in FROM, alone or beside the rows its arguments read. Asked before the joins. */
export const lowerTableFunction: Lowering = {
  operator: 'table-function',
  lower(plan, context) {
    if (plan.kind === 'table-function') return alone(plan, context);
    if (plan.kind !== 'join' || !plan.lateral || plan.right.kind !== 'table-function' || plan.condition !== null) return null;
    const { joinType } = plan;
    if (joinType !== 'cross' && joinType !== 'left') return null;
    return besideRows({ left: plan.left, right: plan.right, joinType, fields: plan.fields }, context);
  },
};

function alone(plan: TableFunctionPlan, context: LoweringContext): PhysicalPlan {
  const fields = [...ONE_ROW.fields, ...plan.fields];
  const beside = besideRows({ left: ONE_ROW, right: plan, joinType: 'cross', fields }, context);
  return calcNode(beside, null, passThrough(beside).slice(1));
}

interface FunctionJoin extends Pick<JoinPlan, 'left'> {
  readonly right: TableFunctionPlan;
  readonly joinType: 'cross' | 'left';
  readonly fields: readonly Field[];
}

function besideRows({ left, right, joinType, fields }: FunctionJoin, context: LoweringContext): PhysicalPlan {
  const input = context.lower(left);
  const columns: CalcColumn[] = passThrough(input);
  const kept = columns.length;
  const args = right.args.map(overLeftRow);
  const positions = args.map((expression, index) => {
    if (expression.kind === 'column') return expression.index;
    return columns.push({ name: `argument${index}`, expression }) - 1;
  });
  const given = calcNode(input, null, columns);
  const own = right.ordinality ? right.fields.slice(0, -1) : right.fields;
  const names = input.columns.map((column) => column.name);
  const shown = args.map((expression) => printBoundExpression(expression, names)).join(', ');
  return {
    kind: 'operator',
    operator: {
      kind: tableFunctionSpecCodec.kind,
      version: tableFunctionSpecCodec.version,
      parameters: tableFunctionSpecCodec.encode({
        signature: context.tableFunction(
          right.name,
          right.args.map((arg) => arg.type),
        ).signature,
        arguments: positions,
        kept,
        columns: own.map((field) => field.type),
        ordinality: right.ordinality,
        keepsUnmatched: joinType === 'left',
      }),
      label: `${joinType === 'left' ? 'Left join' : 'Rows of'} ${right.name}(${shown})`,
    },
    state: STATELESS,
    inputs: [forwardInput(given)],
    parallelism: given.distribution.kind === 'single' ? 'one' : 'all',
    columns: fields,
    appendOnly: given.appendOnly,
    net: false,
    distribution: given.distribution,
    uniqueKeys: [],
    window: given.window,
    latenessMicros: given.latenessMicros,
  };
}

/** An argument reads the row beside it. */
function overLeftRow(argument: Expression): Expression {
  return mapExpression(argument, (node) =>
    node.kind === 'outer-column' ? { kind: 'column', index: node.index, name: node.name, type: node.type, span: node.span } : node,
  );
}
