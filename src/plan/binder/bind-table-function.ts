import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import type { Expression } from '../../expr/index.ts';
import { type Expression as AstExpression, type FunctionCall, foldIdentifier, type QualifiedName, type TableFunction } from '../../sql/index.ts';
import { byteaType, int8Type, textType, timestamptzType } from '../../types/index.ts';
import type { Field, LogicalPlan } from '../logical/index.ts';
import { findRelation } from './bind-relation.ts';
import { bind, plainScope, type QueryEnvironment, revealLateral } from './bind-state.ts';
import { notSupported, syntaxError } from './binder-error.ts';
import { inlineTable } from './inline-function.ts';
import { inLockstep, withoutOrdinality } from './lockstep.ts';
import { convertArguments, noteDeclared, resolveOverload } from './resolve-call.ts';
import { type BoundFrom, emptyRow } from './row-scope.ts';
import { aliasPlan } from './table-alias.ts';

/** A function in FROM: set-returning, one of the two row stores of a relation, or a scalar function as a table of one row. */
export function bindTableFunction(item: TableFunction, environment: QueryEnvironment): BoundFrom {
  const [call, ...others] = item.calls.flatMap(oneCallPerArray);
  if (call === undefined) throw notSupported('ROWS FROM without a function is not supported', item.span);
  const name = foldIdentifier(call.name.parts.at(-1)!);
  const store = name === 'late_rows' || name === 'bad_rows' ? bindRowStore(call, name, environment) : null;
  if (store !== null) return aliasPlan({ plan: store, name, schema: null, alias: item.alias });
  const [listed] = item.columns;
  // PostgreSQL's functions that return records of any columns are not here.
  if (listed !== undefined) throw syntaxError('a column definition list is only allowed for functions returning "record"', listed.span);
  const within = revealLateral(environment);
  if (others.length > 0) return aliasPlan({ plan: bindSideBySide([call, ...others], item, within), name, schema: null, alias: item.alias });
  const plan = bindCall(call, name, item, within);
  const scalar = plan.fields.length === (item.withOrdinality ? 2 : 1);
  return aliasPlan({ plan: scalar ? nameAfterAlias(plan, item) : plan, name, schema: null, alias: item.alias, scalar: plan.fields.length === 1 });
}

/** unnest of several arrays is ROWS FROM with an unnest for each. */
function oneCallPerArray(call: FunctionCall): FunctionCall[] {
  if (foldIdentifier(call.name.parts.at(-1)!) !== 'unnest' || call.arguments.length < 2) return [call];
  return call.arguments.map((argument) => ({ ...call, arguments: [argument] }));
}

function bindSideBySide(calls: readonly FunctionCall[], item: TableFunction, environment: QueryEnvironment): LogicalPlan {
  const counted = { ...item, withOrdinality: true };
  const plans = calls.map((call) => bindCall(call, foldIdentifier(call.name.parts.at(-1)!), counted, environment));
  const plan = inLockstep(plans, item.span, environment.state);
  return item.withOrdinality ? plan : withoutOrdinality(plan);
}

/** `FROM generate_series(1, 3) AS n`: the alias names the one column too. */
function nameAfterAlias(plan: LogicalPlan, item: TableFunction): LogicalPlan {
  if (item.alias === null || item.alias.columns.length > 0) return plan;
  const [first, ...rest] = plan.fields;
  return { ...plan, fields: [{ ...first!, name: foldIdentifier(item.alias.name) }, ...rest] };
}

/** Flink's join with a table as it is, which stands on the right of a join and is bound there. */
function refuseSnapshot(call: FunctionCall, name: string, { context }: QueryEnvironment['state']): void {
  if (name !== 'snapshot' || context.functions.functions(name).length > 0) return;
  throw notSupported('SNAPSHOT stands on the right of a JOIN only', call.span, 'Write o JOIN LATERAL SNAPSHOT(input => TABLE r) AS s ON o.k = s.k.');
}

function bindCall(call: FunctionCall, name: string, item: TableFunction, environment: QueryEnvironment): LogicalPlan {
  const { state } = environment;
  const scope = plainScope(environment, emptyRow, 'functions in FROM');
  const definitions = state.context.functions.tableFunctions(name);
  if (definitions.length === 0) refuseSnapshot(call, name, state);
  if (definitions.length === 0) return scalarAsTable(bind(call, scope), name, item);
  const args = call.arguments.map((argument) => bind(argument.value, scope));
  const candidate = resolveOverload(name, definitions, { args, span: call.span, state });
  const converted = convertArguments(candidate, args, state);
  const declared = noteDeclared(candidate.definition, state);
  if (declared?.language === 'sql') return withOrdinals(inlineTable(declared, converted, call.span, state), item);
  const columns: Field[] = [...candidate.definition.columns(converted.map((arg) => arg.type))];
  if (candidate.definition.volatility === 'volatile') state.volatileFunctions.add(name);
  const fields = item.withOrdinality ? [...columns, { name: 'ordinality', type: int8Type }] : columns;
  return {
    kind: 'table-function',
    name: declared === null ? name : candidate.definition.signature,
    args: converted,
    ordinality: item.withOrdinality,
    fields,
  };
}

function withOrdinals(plan: LogicalPlan, item: TableFunction): LogicalPlan {
  if (!item.withOrdinality) return plan;
  throw notSupported('WITH ORDINALITY is not supported for functions in SQL', item.span, 'Number the rows inside with row_number().');
}

function scalarAsTable(value: Expression, name: string, item: TableFunction): LogicalPlan {
  const ordinal: Expression[] = item.withOrdinality ? [{ kind: 'literal', type: int8Type, value: 1n }] : [];
  const ordinalField: Field[] = item.withOrdinality ? [{ name: 'ordinality', type: int8Type }] : [];
  if (value.type.kind !== 'row') {
    return { kind: 'values', rows: [[value, ...ordinal]], fields: [{ name, type: value.type }, ...ordinalField] };
  }
  const parts = value.type.fields.map((field, index): Expression => ({ kind: 'field', input: value, index, type: field.type }));
  return { kind: 'values', rows: [[...parts, ...ordinal]], fields: [...value.type.fields, ...ordinalField] };
}

/** `late_rows('s')`, `bad_rows('s')` (docs/semantics.md, Bad rows): the rows a relation did not take. */
function bindRowStore(call: FunctionCall, name: 'late_rows' | 'bad_rows', environment: QueryEnvironment): LogicalPlan | null {
  const [argument] = call.arguments;
  if (argument === undefined || call.arguments.length !== 1) throw syntaxError(`${name} takes the name of a relation`, call.span);
  const written = relationName(argument.value);
  const relation = findRelation(written, environment);
  const asString = argument.value.kind === 'string-literal';
  if (environment.state.viewStack.length === 0) environment.state.context.named?.({ relation, name: written, asString, alias: null });
  requireStore(relation, name, argument.value.span.start);
  const fields = name === 'late_rows' ? lateFields(relation) : badFields(relation);
  return { kind: 'scan', relation, variant: name === 'late_rows' ? 'late' : 'bad', paths: fields.map((_, index) => [index]), fields };
}

/** Late rows are turned away by streams and tables, bad ones by whatever has a job. Errors: 42809. */
function requireStore(relation: Relation, name: 'late_rows' | 'bad_rows', position: number): void {
  const taken = relation.kind === 'stream' || relation.kind === 'table';
  if (taken || (name === 'bad_rows' && (relation.kind === 'materialized view' || relation.kind === 'sink'))) return;
  throw new SqlError({
    code: SqlState.wrongObjectType,
    message: `"${relation.name}" has no ${name === 'late_rows' ? 'late' : 'bad'} rows`,
    hint: name === 'late_rows' ? 'Lateness is decided at the stream or table: name that one.' : undefined,
    position,
  });
}

/** The relation's name, as a string or as a plain name. */
function relationName(node: AstExpression): QualifiedName {
  if (node.kind === 'column-reference') return { kind: 'qualified-name', parts: node.name, span: node.span };
  if (node.kind !== 'string-literal') throw syntaxError("write the relation's name as a string", node.span);
  const parts = [...node.value.matchAll(/"((?:[^"]|"")*)"|([^".]+)/g)].map((match) => ({
    kind: 'identifier' as const,
    text: match[1]?.replaceAll('""', '"') ?? match[2]!,
    quoted: match[1] !== undefined,
    span: node.span,
  }));
  if (parts.length === 0) throw syntaxError("write the relation's name as a string", node.span);
  return { kind: 'qualified-name', parts, span: node.span };
}

function lateFields(relation: Relation): Field[] {
  const time = relation.watermark === null ? timestamptzType : relation.columns[relation.watermark.column]!.type;
  return [
    ...relation.columns.map((column) => ({ name: column.name, type: column.type })),
    { name: 'partition', type: textType },
    { name: 'offset', type: int8Type },
    { name: 'watermark', type: time },
  ];
}

function badFields(relation: Relation): Field[] {
  if (relation.kind === 'materialized view' || relation.kind === 'sink') {
    return [
      { name: 'expression', type: textType },
      { name: 'error', type: textType },
      { name: 'row', type: textType },
    ];
  }
  return [
    { name: 'partition', type: textType },
    { name: 'offset', type: int8Type },
    { name: 'reason', type: textType },
    { name: 'data', type: byteaType },
    { name: 'at', type: timestamptzType },
  ];
}
