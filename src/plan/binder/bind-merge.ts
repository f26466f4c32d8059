import type { Relation } from '../../catalog/index.ts';
import type { Expression } from '../../expr/index.ts';
import { type Expression as AstExpression, foldIdentifier, type MergeClause, type MergeStatement, type SelectItem } from '../../sql/index.ts';
import { boolType, int4Type, int8Type, textType } from '../../types/index.ts';
import type { Field, JoinType, LogicalPlan } from '../logical/index.ts';
import { bindAssignments } from './bind-assignments.ts';
import { bindFromList } from './bind-from.ts';
import { conjunction, toBoolean } from './bind-predicate.ts';
import { type BindContext, bind, plainScope, type QueryEnvironment } from './bind-state.ts';
import { notSupported, syntaxError } from './binder-error.ts';
import { withComputed } from './computed-columns.ts';
import { insertTargets } from './insert-targets.ts';
import {
  aliasName,
  asWholeStatement,
  type BoundModification,
  type BoundRowRules,
  type BoundStatement,
  behindWith,
  finishModification,
  rowRules,
  targetRow,
} from './modification-parts.ts';
import { defaultValue, insertedValue, targetRelation } from './modification-target.ts';
import { type BoundFrom, columnOf, joinRows, type RowScope, shiftRow } from './row-scope.ts';

export type MergeActionKind = 'update' | 'delete' | 'nothing' | 'insert';

/**
 * `plan` yields, with n the relation's column count, for each pair something is to be done with: the old row (n), the row that is there afterwards, or
 * the deleted one (n), the columns of the source, then the number of the old row among the target's (NULL: there is none), and the position of the
 * action in `actions`.
 */
export interface BoundMerge extends BoundModification, BoundRowRules, BoundStatement {
  readonly plan: LogicalPlan;
  readonly actions: readonly MergeActionKind[];
}

/** The row of a pair: old row, its number, source, and whether there is a source row. */
interface Pair {
  readonly relation: Relation;
  readonly plan: LogicalPlan;
  readonly target: RowScope;
  /** In its place behind the target. */
  readonly source: RowScope;
  readonly both: RowScope;
  readonly environment: QueryEnvironment;
}

export function bindMerge(statement: MergeStatement, context: BindContext): BoundMerge {
  return asWholeStatement(context, (environment) => bindMergeIn(statement, environment));
}

export function bindMergeIn(statement: MergeStatement, outside: QueryEnvironment): Omit<BoundMerge, keyof BoundStatement> {
  const environment = behindWith(statement.with, outside);
  const relation = targetRelation(statement.target, 'merge into', environment);
  if (statement.alias !== null && statement.alias.columns.length > 0)
    throw notSupported('column names in the alias of the target are not supported', statement.alias.span, 'Give the target a name only.');
  refuseUnreachable(statement.clauses);
  const pair = pairs(statement, relation, environment);
  const actions = statement.clauses.map((clause) => boundAction(clause, pair));
  const plan = withOutcome(pair, actions);
  return {
    plan,
    actions: actions.map((action) => action.kind),
    ...rowRules(relation, environment),
    ...finishModification(relation, { items: statement.returning.map(withActionColumn), row: returnedRow(pair, actions) }, environment),
  };
}

/** Errors: 42601 for a clause behind one of its kind without a condition. */
function refuseUnreachable(clauses: readonly MergeClause[]): void {
  const closed = new Set<MergeClause['match']>();
  for (const { match, condition, span } of clauses) {
    if (closed.has(match)) throw syntaxError('unreachable WHEN clause specified after unconditional WHEN clause', span);
    if (condition === null) closed.add(match);
  }
}

function pairs(statement: MergeStatement, relation: Relation, environment: QueryEnvironment): Pair {
  const target = numbered(relation);
  const names = targetRow(relation, statement.alias === null ? null : aliasName(statement.alias.name));
  const row: RowScope = { ...names, width: names.width + 1 };
  const source = marked(bindFromList({ from: [statement.source], hints: [] }, environment));
  const both = joinRows(row, source.row, statement.source.span);
  const condition = toBoolean(bind(statement.on, plainScope(environment, both, 'JOIN conditions')), 'JOIN/ON', environment.state);
  const plan: LogicalPlan = {
    kind: 'join',
    left: target,
    right: source.plan,
    joinType: joinTypeOf(statement.clauses),
    condition,
    lateral: false,
    fields: [...target.fields, ...source.plan.fields],
  };
  return { relation, plan, target: row, source: shiftRow(source.row, row.width), both, environment };
}

function joinTypeOf(clauses: readonly MergeClause[]): JoinType {
  const has = (match: MergeClause['match']): boolean => clauses.some((clause) => clause.match === match);
  if (has('not matched by source')) return has('not matched') ? 'full' : 'left';
  return has('not matched') ? 'right' : 'inner';
}

/** Rows of the target, each with a number: of equal rows, too, it has to be known which one is meant. */
function numbered(relation: Relation): LogicalPlan {
  const fields = relation.columns.map(({ name, type }) => ({ name, type }));
  const scan: LogicalPlan = { kind: 'scan', relation, variant: 'rows', paths: relation.columns.map((_, index) => [index]), fields };
  const whole = { kind: 'unbounded-preceding', offset: null } as const;
  return {
    kind: 'over',
    input: scan,
    calls: [
      {
        function: { kind: 'window', name: 'row_number' },
        args: [],
        filter: null,
        partitionBy: [],
        orderBy: [],
        frame: { unit: 'rows', start: whole, end: { kind: 'current-row', offset: null }, exclude: 'no-others' },
        type: int8Type,
      },
    ],
    fields: [...fields, { name: 'number', type: int8Type }],
  };
}

function marked({ plan, row }: BoundFrom): BoundFrom {
  const columns = plan.fields.map((field, index) => columnOf(index, field));
  return {
    plan: {
      kind: 'project',
      input: plan,
      expressions: [...columns, { kind: 'literal', type: boolType, value: true }],
      fields: [...plan.fields, { name: 'present', type: boolType }],
    },
    row: { ...row, width: row.width + 1 },
  };
}

interface BoundAction {
  readonly kind: MergeActionKind;
  /** When it is the one to take, if none before it is. */
  readonly condition: Expression;
  /** The row afterwards. */
  readonly values: readonly Expression[];
}

function boundAction({ match, condition, action }: MergeClause, pair: Pair): BoundAction {
  const { relation, environment, plan, target } = pair;
  const scope = { matched: pair.both, 'not matched': pair.source, 'not matched by source': pair.target }[match];
  const [number, present] = [target.width - 1, plan.fields.length - 1];
  const written =
    condition === null
      ? []
      : [toBoolean(bind(condition, plainScope(environment, scope, 'MERGE WHEN conditions')), 'MERGE WHEN AND', environment.state)];
  const side = {
    matched: [isPresent(number, plan), isPresent(present, plan)],
    'not matched': [isAbsent(number, plan)],
    'not matched by source': [isAbsent(present, plan)],
  }[match];
  const when = conjunction([...side, ...written], 'and');
  const old = relation.columns.map((column, index) => columnOf(index, column));
  switch (action.kind) {
    case 'merge-nothing':
      return { kind: 'nothing', condition: when, values: old };
    case 'merge-delete':
      requireTarget(match, 'DELETE', action.span);
      return { kind: 'delete', condition: when, values: old };
    case 'merge-update':
      requireTarget(match, 'UPDATE', action.span);
      return { kind: 'update', condition: when, values: bindAssignments(action.assignments, relation, scope, environment) };
    case 'merge-insert':
      if (match !== 'not matched') throw syntaxError('INSERT is only for rows that are not matched by target', action.span);
      return { kind: 'insert', condition: when, values: insertedValues(action, pair) };
  }
}

function requireTarget(match: MergeClause['match'], what: string, span: MergeClause['span']): void {
  if (match === 'not matched') throw syntaxError(`${what} needs a row of the target`, span);
}

function isPresent(index: number, { fields }: LogicalPlan): Expression {
  return { kind: 'is-null', input: columnOf(index, fields[index]!), negated: true, type: boolType };
}

function isAbsent(index: number, { fields }: LogicalPlan): Expression {
  return { kind: 'is-null', input: columnOf(index, fields[index]!), negated: false, type: boolType };
}

/** VALUES of an INSERT, with the defaults and computed columns of the others. */
function insertedValues(action: Extract<MergeClause['action'], { readonly kind: 'merge-insert' }>, pair: Pair): Expression[] {
  const { relation, environment, source } = pair;
  const targets = insertTargets(action.columns, relation);
  const nodes = action.values ?? [];
  if (nodes.length > targets.length) throw syntaxError('INSERT has more expressions than target columns', nodes[targets.length]!.span);
  if (nodes.length < action.columns.length && action.values !== null)
    throw syntaxError('INSERT has more target columns than expressions', action.columns[nodes.length]!.span);
  const values = relation.columns.map((_, index): Expression => {
    const position = targets.indexOf(index);
    const node: AstExpression | undefined = position < 0 ? undefined : nodes[position];
    if (node === undefined || node.kind === 'default-value') return defaultValue(relation, index, environment);
    const bound = { ...bind(node, plainScope(environment, source, 'VALUES')), span: node.span };
    return insertedValue(bound, relation, index, { overriding: action.overriding, environment });
  });
  return withComputed(values, relation, environment.state);
}

/** First which action it is, then what it makes: a value is only evaluated for the rows its action is for. */
function withOutcome({ relation, plan, target }: Pair, actions: readonly BoundAction[]): LogicalPlan {
  const number = target.width - 1;
  const chosen: Expression = {
    kind: 'case',
    branches: actions.map(({ condition }, index) => ({ condition, result: { kind: 'literal', type: int4Type, value: index } })),
    otherwise: null,
    type: int4Type,
  };
  const action: Field = { name: 'action', type: int4Type };
  const pairFields = [...plan.fields, action];
  const withAction: LogicalPlan = {
    kind: 'project',
    input: plan,
    expressions: [...plan.fields.map((field, index) => columnOf(index, field)), chosen],
    fields: pairFields,
  };
  const actionColumn = columnOf(plan.fields.length, action);
  const acting: LogicalPlan = { kind: 'filter', input: withAction, predicate: isPresent(plan.fields.length, withAction), fields: pairFields };
  const column = (index: number): Expression => columnOf(index, plan.fields[index]!);
  const source = plan.fields.slice(number + 1, -1);
  return {
    kind: 'project',
    input: acting,
    expressions: [
      ...relation.columns.map((_, index) => column(index)),
      ...relation.columns.map(
        ({ type }, index): Expression =>
          chooseValue(
            actionColumn,
            actions.map(({ values }) => values[index]!),
            type,
          ),
      ),
      ...source.map((_, index) => column(number + 1 + index)),
      column(number),
      actionColumn,
    ],
    fields: [...plan.fields.slice(0, number), ...plan.fields.slice(0, number), ...source, plan.fields[number]!, action],
  };
}

function chooseValue(action: Expression, values: readonly Expression[], type: Expression['type']): Expression {
  const [first] = values;
  if (values.every((value) => value === first)) return first!;
  return {
    kind: 'case',
    branches: values.map((result, index) => ({ condition: equals(action, index), result })),
    otherwise: null,
    type,
  };
}

function equals(action: Expression, index: number): Expression {
  return { kind: 'call', signature: 'int4 = int4 -> bool', args: [action, { kind: 'literal', type: int4Type, value: index }], type: boolType };
}

const ACTION_RELATION = 'merge action';

/** What RETURNING is over: the source, then the target's row afterwards, and the name of the action. */
function returnedRow({ relation, target, source }: Pair, actions: readonly BoundAction[]): RowScope {
  const width = relation.columns.length;
  const shown = shiftRow(target, width);
  const shownSource = shiftRow(source, width - 1);
  const sourceWidth = source.width - 1;
  const action = columnOf(2 * width + sourceWidth + 1, { name: 'action', type: int4Type });
  const name: Expression = {
    kind: 'case',
    branches: actions.map(({ kind }, index) => ({
      condition: equals(action, index),
      result: { kind: 'literal', type: textType, value: kind.toUpperCase() },
    })),
    otherwise: null,
    type: textType,
  };
  const named = { name: 'merge_action', expression: name };
  const hidden = { alias: ACTION_RELATION, name: ACTION_RELATION, schema: null, columns: [named], scalar: false, primaryKey: null };
  return {
    relations: [...shownSource.relations, ...shown.relations, hidden],
    columns: [...shownSource.columns, ...shown.columns],
    width: 2 * width + sourceWidth + 2,
  };
}

/** merge_action() is a column of what RETURNING is over. */
function withActionColumn(item: SelectItem): SelectItem {
  return { ...item, expression: mapped(item.expression) as AstExpression };
}

function mapped(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(mapped);
  if (typeof node !== 'object' || node === null) return node;
  const call = node as Partial<Extract<AstExpression, { readonly kind: 'function-call' }>>;
  if (call.kind === 'function-call' && call.name!.parts.length === 1 && foldIdentifier(call.name!.parts[0]!) === 'merge_action') {
    const span = call.span!;
    const name = [ACTION_RELATION, 'merge_action'].map((text) => ({ kind: 'identifier', text, quoted: true, span }));
    return { kind: 'column-reference', name, span };
  }
  return Object.fromEntries(Object.entries(node).map(([property, value]) => [property, mapped(value)]));
}
