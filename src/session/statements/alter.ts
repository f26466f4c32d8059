import { SqlError, SqlState } from '../../base/index.ts';
import { isSystemRelation, isTemporarySchema, type Relation } from '../../catalog/index.ts';
import { type AlterAction, type AlterStatement, foldIdentifier, type Statement } from '../../sql/index.ts';
import { replaceRelation } from '../ddl/create-or-replace.ts';
import { findRelation, requireRelation } from '../ddl/object-name.ts';
import { renamedTo, withColumnRenamed } from '../ddl/rename.ts';
import { hasJob } from '../engine/index.ts';
import { cancellable, type StatementContext, type StatementHandler } from '../statement-context.ts';
import { alterConnection } from './alter-connection.ts';
import { alterOptions } from './alter-options.ts';
import { alterTable, isTableAction } from './alter-table.ts';
import { pausable, pauseJobs, resumeJobs } from './control-job.ts';
import { draftOfOtherQuery } from './create-view.ts';
import { refuseInBlock } from './refuse-in-block.ts';

type Action<Kind extends AlterAction['kind']> = Extract<AlterAction, { readonly kind: Kind }>;

/** Several actions run in a block, so that all of them are made or none. */
export function isBlockOfItsOwn(statement: Statement): boolean {
  return statement.kind === 'alter' && statement.actions.length > 1 && statement.actions.every(isTableAction);
}

/** ALTER … of a relation. Several actions are of one statement each, one after the other: those of stored tables alone. */
export const alter: StatementHandler<'alter'> = {
  kind: 'alter',
  async execute(statement, context) {
    const tag = `ALTER ${statement.objectKind.toUpperCase()}`;
    if (statement.objectKind === 'connection') {
      await alterConnection(statement, context);
      return { kind: 'command', tag };
    }
    if (statement.actions.every(isTableAction)) {
      for (const action of statement.actions) {
        const relation = targetOf(statement, context);
        if (relation === null) break;
        await alterTable(action, relation, context);
      }
      return { kind: 'command', tag };
    }
    const relation = targetOf(statement, context);
    if (relation !== null) await alterRelation(relation, statement.actions, context);
    return { kind: 'command', tag };
  },
};

/** Errors: 0A000 for several actions, and those of the one. */
export async function alterRelation(relation: Relation, [action, second]: readonly AlterAction[], context: StatementContext): Promise<void> {
  if (second !== undefined) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: 'ALTER takes one action at a time, but for those of columns and constraints of tables',
      hint: 'Write a statement for each.',
      position: second.span.start,
    });
  }
  await apply(action!, relation, context);
}

async function apply(action: AlterAction, relation: Relation, context: StatementContext): Promise<void> {
  switch (action.kind) {
    case 'replace-query':
      return replaceQuery(action, relation, context);
    case 'rename-to':
      return rename(relation, { schema: relation.schema, name: foldIdentifier(action.name) }, context);
    case 'set-schema':
      return setSchema(action, relation, context);
    case 'rename-column':
      return context.definer.rename([withColumnRenamed(relation, action.from, action.to)], context.signal);
    case 'swap-with':
      return swap(action, relation, context);
    case 'set-parallelism':
      return setParallelism(action, relation, context);
    case 'suspend':
      return pauseJobs([pausable(relation, action.span.start)], context);
    case 'resume':
      return resumeJobs([pausable(relation, action.span.start)], context);
    case 'set-options':
    case 'reset-options':
      return alterOptions(action, relation, context);
    default:
      if (isTableAction(action)) return alterTable(action, relation, context);
      throw unsupported(action);
  }
}

/** Errors: 42P07 when the name is taken. */
async function rename(
  relation: Relation,
  named: { readonly schema: string; readonly name: string },
  { definer, signal }: StatementContext,
): Promise<void> {
  const holder = definer.snapshot.relation(named.schema, named.name);
  if (holder?.oid === relation.oid && named.schema !== relation.schema) return;
  if (holder !== null) throw new SqlError({ code: SqlState.duplicateTable, message: `relation "${named.name}" already exists` });
  await definer.rename([renamedTo(relation, named)], signal);
}

async function setSchema(action: Action<'set-schema'>, relation: Relation, context: StatementContext): Promise<void> {
  const schema = foldIdentifier(action.schema);
  if (schema === relation.schema) return;
  if (context.definer.snapshot.schema(schema) === null) {
    throw new SqlError({ code: SqlState.invalidSchemaName, message: `schema "${schema}" does not exist`, position: action.schema.span.start });
  }
  refuseTemporaryMove(isTemporarySchema(schema) || isTemporarySchema(relation.schema), action.span.start);
  await rename(relation, { schema, name: relation.name }, context);
}

/** What is temporary ends with its session, what is not does not. */
function refuseTemporaryMove(moves: boolean, position: number): void {
  if (moves) throw new SqlError({ code: SqlState.featureNotSupported, message: 'cannot move objects into or out of temporary schemas', position });
}

/** Each takes the other's place and name; what reads one goes on reading that one (RisingWave's SWAP WITH). */
async function swap(action: Action<'swap-with'>, relation: Relation, context: StatementContext): Promise<void> {
  const other = requireRelation(action.name, context);
  if (other.kind !== relation.kind) {
    throw new SqlError({
      code: SqlState.wrongObjectType,
      message: `"${other.name}" is not a ${relation.kind}`,
      hint: 'Relations of one kind can be swapped.',
      position: action.name.span.start,
    });
  }
  refuseTemporaryMove(isTemporarySchema(other.schema) !== isTemporarySchema(relation.schema), action.name.span.start);
  if (other.oid !== relation.oid) {
    const both = [renamedTo(relation, other), renamedTo(other, relation)];
    await context.definer.rename(both, context.signal);
  }
}

/** Rescales the relation's job from a checkpoint; ADAPTIVE and DEFAULT: as many subtasks as there are slots. */
async function setParallelism(action: Action<'set-parallelism'>, relation: Relation, context: StatementContext): Promise<void> {
  refuseInBlock(context, 'ALTER … SET PARALLELISM');
  const { parallelism } = action;
  const position = action.span.start;
  if (!hasJob(relation)) {
    throw new SqlError({
      code: SqlState.wrongObjectType,
      message: `${relation.kind} "${relation.name}" has no job`,
      hint: relation.kind === 'view' ? 'A view is part of whatever reads it: set the parallelism of that.' : undefined,
      position,
    });
  }
  const { maxParallelism } = context.engine.parts;
  if (parallelism !== null && (parallelism < 1 || parallelism > maxParallelism)) {
    const message = `parallelism has to be between 1 and ${maxParallelism}, the number of key groups`;
    throw new SqlError({ code: SqlState.invalidParameterValue, message, position });
  }
  await cancellable(context.engine.setParallelism(relation, parallelism, context.signal), context.signal);
}

/** ALTER MATERIALIZED VIEW m AS query: CREATE OR REPLACE with all else as it was. */
async function replaceQuery(action: Action<'replace-query'>, relation: Relation, context: StatementContext): Promise<void> {
  const draft = draftOfOtherQuery(relation, action.query, { position: action.span.start, context });
  await cancellable(replaceRelation(relation, draft, context), context.signal);
}

/** The relation named; null, with PostgreSQL's notice, when there is none and IF EXISTS was written. Errors: 42P01, 42809, 42501. */
function targetOf(statement: AlterStatement, context: StatementContext): Relation | null {
  const { name, objectKind } = statement;
  if (statement.ifExists && findRelation(name, context) === null) {
    const message = `relation "${name.parts.map(foldIdentifier).join('.')}" does not exist, skipping`;
    context.notice({ severity: 'NOTICE', code: SqlState.successfulCompletion, message });
    return null;
  }
  const wanted = objectKind === 'source' ? 'stream' : objectKind;
  if (!['stream', 'table', 'view', 'materialized view', 'sink'].includes(wanted)) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `ALTER ${objectKind.toUpperCase()} is not supported`,
      hint: 'ALTER takes a STREAM, SOURCE, TABLE, VIEW, MATERIALIZED VIEW, SINK or CONNECTION.',
      position: statement.span.start,
    });
  }
  const relation = requireRelation(name, context);
  if (isSystemRelation(relation)) {
    throw new SqlError({
      code: SqlState.insufficientPrivilege,
      message: `permission denied: "${relation.name}" is a system catalog`,
      position: name.span.start,
    });
  }
  // ALTER TABLE takes every kind, as in PostgreSQL.
  if (wanted === 'table' || relation.kind === wanted) return relation;
  throw new SqlError({ code: SqlState.wrongObjectType, message: `"${relation.name}" is not a ${objectKind}`, position: name.span.start });
}

function unsupported(action: AlterAction): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: `ALTER … ${action.kind.replaceAll('-', ' ').toUpperCase()} is not supported yet`,
    hint: 'CREATE OR REPLACE puts another definition in the place of this one.',
    position: action.span.start,
  });
}
