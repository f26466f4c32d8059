import { SqlError, SqlState } from '../../base/index.ts';
import type { DeclaredFunction } from '../../catalog/index.ts';
import { type DropFunction, type FunctionSignature, foldIdentifier } from '../../sql/index.ts';
import { formatType, type SqlType } from '../../types/index.ts';
import { declareFunction } from '../ddl/declare-function.ts';
import { placeOfNew } from '../ddl/object-name.ts';
import { searchPath } from '../search-path.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext, StatementHandler } from '../statement-context.ts';
import { dropAll, requireTemporary } from './drop.ts';

/** CREATE FUNCTION and CREATE AGGREGATE: checked, bound or compiled, then in the catalog. */
export const createFunction: StatementHandler<'create-function'> = {
  kind: 'create-function',
  async execute(statement, context) {
    const tag = `CREATE ${statement.aggregate ? 'AGGREGATE' : 'FUNCTION'}`;
    const named = await placeOfNew(statement, context);
    const draft = declareFunction(statement, named, context);
    const types = draft.parameters.map((parameter) => parameter.type);
    const { engine, definer } = context;
    const holder = definer.snapshot.functionOf(named.schema, named.name, types);
    if (holder !== null && statement.ifNotExists) {
      const message = `function "${named.name}" already exists with same argument types, skipping`;
      context.notice({ severity: 'NOTICE', code: SqlState.duplicateFunction, message });
      return { kind: 'command', tag };
    }
    if (holder !== null && statement.orReplace && isSame(holder, draft)) return { kind: 'command', tag };
    if (holder !== null && statement.orReplace) refuseChange(holder, draft, context);
    noticeBuiltIn(draft, context);
    const oid = holder !== null && statement.orReplace ? holder.oid : engine.catalog.allocateOid();
    await definer.commitEntries([{ kind: 'put-function', declared: { ...draft, oid } }], context.signal);
    return { kind: 'command', tag };
  },
};

/** DROP FUNCTION f(int), DROP AGGREGATE f(int), with CASCADE and RESTRICT (the default). */
export const dropFunction: StatementHandler<'drop-function'> = {
  kind: 'drop-function',
  async execute(statement, context) {
    const tag = `DROP ${statement.aggregate ? 'AGGREGATE' : 'FUNCTION'}`;
    const targets = statement.functions.flatMap((signature) => targetOf(signature, statement, context) ?? []);
    await dropAll(targets, statement, context);
    return { kind: 'command', tag };
  },
};

/** The same declaration once more, as when a script is run again, changes nothing for what calls it. */
function isSame(holder: DeclaredFunction, draft: Omit<DeclaredFunction, 'oid'>): boolean {
  const text = ({ kind, language, parameters, resultType, columns, volatility, strict, timeoutMs, body, dependsOn }: Omit<DeclaredFunction, 'oid'>) =>
    JSON.stringify([kind, language, parameters, resultType, columns, volatility, strict, timeoutMs, body, dependsOn]);
  return text(holder) === text(draft);
}

/** What calls a function was planned with it: another one in its place would not be what its rows were computed with. Errors: 2BP01, 42P13. */
function refuseChange(holder: DeclaredFunction, draft: Omit<DeclaredFunction, 'oid'>, context: StatementContext): void {
  const { snapshot } = context.definer;
  const users = [
    ...snapshot.directDependants(holder.oid).map((one) => `${one.kind} ${one.name}`),
    ...snapshot.functionsReading(holder.oid).map((one) => `function ${one.name}`),
  ];
  if (users.length > 0) {
    throw new SqlError({
      code: SqlState.dependentObjectsStillExist,
      message: `cannot replace function ${holder.name} because other objects depend on it`,
      detail: users.map((user) => `${user} depends on function ${holder.name}`).join('\n'),
      hint: 'Their rows were computed with the old one. Drop them first, or give the new function another name.',
    });
  }
  if (holder.kind === draft.kind && formatType(holder.resultType) === formatType(draft.resultType)) return;
  throw new SqlError({
    code: SqlState.invalidFunctionDefinition,
    message: 'cannot change return type of existing function',
    hint: `Use DROP FUNCTION ${holder.name}(${holder.parameters.map(({ type }) => formatType(type)).join(', ')}) first.`,
  });
}

/** A built-in with the same parameters is what calls mean. */
function noticeBuiltIn(draft: Omit<DeclaredFunction, 'oid'>, context: StatementContext): void {
  const { functions } = context.engine.registries;
  const builtIns = [...functions.functions(draft.name), ...functions.aggregates(draft.name), ...functions.tableFunctions(draft.name)];
  const own = draft.parameters.map(({ type }) => formatType(type)).join();
  const twin = builtIns.find((one) => one.argumentTypes.map((type) => formatType(type)).join() === own);
  if (twin === undefined) return;
  context.notice({
    severity: 'NOTICE',
    code: SqlState.successfulCompletion,
    message: `${draft.name} is a built-in function with the same parameters, which calls mean`,
    hint: 'Give the function another name to call it.',
  });
}

function targetOf(signature: FunctionSignature, statement: DropFunction, context: StatementContext): DeclaredFunction | null {
  const parts = signature.name.parts.map(foldIdentifier);
  const name = parts.at(-1)!;
  const kind = statement.aggregate ? 'aggregate' : 'function';
  const types = signature.arguments?.map((type) => binderOf(context).type(type)) ?? null;
  const found = context.definer.snapshot
    .reader(searchPath(context.session))
    .functions(parts.at(-2) ?? null, name)
    .filter((one) => (one.kind === 'aggregate') === statement.aggregate)
    .filter((one) => types === null || sameTypes(types, one));
  if (found.length > 1) {
    throw new SqlError({
      code: SqlState.ambiguousFunction,
      message: `${kind} name "${name}" is not unique`,
      hint: `Specify the argument list to select the ${kind} unambiguously.`,
      position: signature.span.start,
    });
  }
  if (found[0] !== undefined && statement.temporary)
    requireTemporary(found[0], { shown: `${kind} ${name}`, keyword: kind.toUpperCase(), position: signature.span.start });
  if (found[0] !== undefined) return found[0];
  const shown = types === null ? `"${name}"` : `${name}(${types.map((type) => formatType(type)).join(', ')})`;
  if (!statement.ifExists) {
    const message = types === null ? `could not find a ${kind} named ${shown}` : `${kind} ${shown} does not exist`;
    throw new SqlError({ code: SqlState.undefinedFunction, message, position: signature.span.start });
  }
  context.notice({ severity: 'NOTICE', code: SqlState.successfulCompletion, message: `${kind} ${shown} does not exist, skipping` });
  return null;
}

function sameTypes(types: readonly SqlType[], declared: DeclaredFunction): boolean {
  const own = declared.parameters.map((parameter) => formatType(parameter.type));
  return own.length === types.length && types.every((type, index) => formatType(type) === own[index]);
}
