import { SqlError, SqlState } from '../../base/index.ts';
import {
  cascadeNotice,
  type DeclaredFunction,
  dropKeyword,
  isSystemRelation,
  isTemporarySchema,
  planDrop,
  type Relation,
} from '../../catalog/index.ts';
import { type DropStatement, foldIdentifier, type QualifiedName } from '../../sql/index.ts';
import { findRelation, requireRelation } from '../ddl/object-name.ts';
import { subscriptionsFrom } from '../declared-subscriptions.ts';
import { searchPath } from '../search-path.ts';
import { cancellable, type StatementContext, type StatementHandler } from '../statement-context.ts';
import { dropIndexes } from './index-statements.ts';
import { dropNamedValues } from './named-value-statements.ts';
import { refuseInBlock } from './refuse-in-block.ts';
import { dropSubscriptions } from './subscription-statements.ts';

/** DROP STREAM | SOURCE | TABLE | VIEW | MATERIALIZED VIEW | SINK | INDEX | SCHEMA | SECRET | CONNECTION | TYPE, with CASCADE and RESTRICT (the default). */
export const drop: StatementHandler<'drop'> = {
  kind: 'drop',
  async execute(statement, context) {
    const tag = `DROP ${statement.objectKind.toUpperCase()}`;
    const { objectKind } = statement;
    if (objectKind === 'secret' || objectKind === 'connection' || objectKind === 'subscription') refuseInBlock(context, tag);
    if (objectKind === 'secret' || objectKind === 'connection' || objectKind === 'type') await dropNamedValues(objectKind, statement, context);
    else if (statement.objectKind === 'subscription') await dropSubscriptions(statement, context);
    else if (statement.objectKind === 'schema' || statement.objectKind === 'database') await dropSchemas(statement, context);
    else if (statement.objectKind === 'index') await dropIndexes(statement, context);
    else await dropRelations(statement, context);
    return { kind: 'command', tag };
  },
};

async function dropRelations(statement: DropStatement, context: StatementContext): Promise<void> {
  const targets: Relation[] = [];
  for (const name of statement.names) {
    if (await cancelCreation(name, statement, context)) continue;
    const target = targetOf(name, statement, context);
    if (target !== null) targets.push(target);
  }
  await dropAll(targets, statement, context);
}

/** True when the name was that of a materialized view that was still being made in the background, which ends with nothing left. */
async function cancelCreation(name: QualifiedName, statement: DropStatement, context: StatementContext): Promise<boolean> {
  if (statement.objectKind !== 'materialized view' || findRelation(name, context) !== null) return false;
  const [own, schema] = name.parts.map(foldIdentifier).reverse();
  const schemas = schema === undefined ? searchPath(context.session) : [schema];
  const { accepted } = context.engine;
  const [draft] = schemas.flatMap((one) => accepted.named({ schema: one, name: own! }) ?? []);
  if (draft === undefined) return false;
  refuseInBlock(context, 'DROP of a view that is being created');
  await cancellable(accepted.cancel(draft), context.signal);
  // It may have been there just before.
  return findRelation(name, context) === null;
}

/** Drops what was named and, with CASCADE, what depends on it. Errors: 2BP01. */
export async function dropAll(
  targets: readonly (Relation | DeclaredFunction)[],
  statement: Pick<DropStatement, 'behavior'>,
  context: StatementContext,
): Promise<void> {
  if (targets.length === 0) return;
  const path = searchPath(context.session);
  const shown = ({ schema, name }: { readonly schema: string; readonly name: string }): string =>
    path.includes(schema) ? name : `${schema}.${name}`;
  const plan = planDrop(context.definer.snapshot, targets, { cascade: statement.behavior === 'cascade', shown });
  if (statement.behavior !== 'cascade') refuseSubscribed(plan.relations, context);
  const notice = cascadeNotice(plan, shown);
  if (notice !== null) context.notice({ severity: 'NOTICE', code: SqlState.successfulCompletion, ...notice });
  await cancellable(context.definer.drop(plan, context.signal), context.signal);
}

/** Errors: 2BP01 for a relation that has subscriptions. */
function refuseSubscribed(relations: readonly Relation[], { definer }: StatementContext): void {
  const [subscribed] = relations.flatMap((relation) => subscriptionsFrom(relation, definer.snapshot));
  if (subscribed === undefined) return;
  const { name, relation } = subscribed;
  throw new SqlError({
    code: SqlState.dependentObjectsStillExist,
    message: `cannot drop ${relation.kind} ${relation.name} because other objects depend on it`,
    detail: `subscription ${name} depends on ${relation.kind} ${relation.name}`,
    hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
  });
}

function targetOf(name: QualifiedName, statement: DropStatement, context: StatementContext): Relation | null {
  const relation = statement.ifExists ? findRelation(name, context) : requireOfKind(name, statement, context);
  if (relation === null) {
    const written = name.parts.map(foldIdentifier).join('.');
    context.notice({
      severity: 'NOTICE',
      code: SqlState.successfulCompletion,
      message: `${statement.objectKind} "${written}" does not exist, skipping`,
    });
    return null;
  }
  if (isSystemRelation(relation))
    throw new SqlError({
      code: SqlState.insufficientPrivilege,
      message: `permission denied: "${relation.name}" is a system catalog`,
      position: name.span.start,
    });
  if (statement.temporary)
    requireTemporary(relation, { shown: `${relation.kind} "${relation.name}"`, keyword: dropKeyword(relation.kind), position: name.span.start });
  const wanted = statement.objectKind === 'source' ? 'stream' : statement.objectKind;
  // Over a connector CREATE TABLE makes a stream, too.
  const madeAsTable = wanted === 'table' && relation.kind === 'stream' && /^CREATE (TEMPORARY )?TABLE/.test(relation.statement);
  // ksqlDB's CREATE STREAM | TABLE … AS SELECT makes a materialized view.
  const madeByQuery =
    context.session.settings.get('sql_dialect') === 'ksqldb' && ['stream', 'table'].includes(wanted) && relation.kind === 'materialized view';
  if (relation.kind !== wanted && !madeAsTable && !madeByQuery) {
    throw new SqlError({
      code: SqlState.wrongObjectType,
      message: `"${relation.name}" is not a ${statement.objectKind}`,
      hint: `Use DROP ${dropKeyword(relation.kind)} to remove ${/^[aeiou]/.test(relation.kind) ? 'an' : 'a'} ${relation.kind}.`,
      position: name.span.start,
    });
  }
  return relation;
}

/** Of DROP TEMPORARY. Errors: 42809. */
export function requireTemporary(
  { schema }: { readonly schema: string },
  { shown, keyword, position }: { readonly shown: string; readonly keyword: string; readonly position: number },
): void {
  if (isTemporarySchema(schema)) return;
  const hint = `Use DROP ${keyword} to remove it.`;
  throw new SqlError({ code: SqlState.wrongObjectType, message: `${shown} is not temporary`, hint, position });
}

/** PostgreSQL names the kind it looked for: `view "v" does not exist`. */
function requireOfKind(name: QualifiedName, statement: DropStatement, context: StatementContext): Relation {
  try {
    return requireRelation(name, context);
  } catch (error) {
    if (!(error instanceof SqlError) || error.code !== SqlState.undefinedTable) throw error;
    throw error.with({ message: error.message.replace(/^relation/, statement.objectKind) });
  }
}

async function dropSchemas(statement: DropStatement, context: StatementContext): Promise<void> {
  for (const name of statement.names) {
    const schemaName = foldIdentifier(name.parts.at(-1)!);
    const schema = context.definer.snapshot.schema(schemaName);
    if (schema === null && statement.ifExists) {
      context.notice({ severity: 'NOTICE', code: SqlState.successfulCompletion, message: `schema "${schemaName}" does not exist, skipping` });
      continue;
    }
    if (schema === null)
      throw new SqlError({ code: SqlState.invalidSchemaName, message: `schema "${schemaName}" does not exist`, position: name.span.start });
    if (statement.behavior === 'cascade') {
      await dropAll(
        [...context.definer.snapshot.relations(), ...context.definer.snapshot.functions()].filter((object) => object.schema === schemaName),
        statement,
        context,
      );
    }
    await context.definer.commitEntries([{ kind: 'drop-schema', oid: schema.oid }], context.signal);
  }
}
