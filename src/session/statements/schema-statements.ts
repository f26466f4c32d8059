import { SqlError, SqlState } from '../../base/index.ts';
import { foldIdentifier, quoteIdentifier } from '../../sql/index.ts';
import { requireRelation } from '../ddl/object-name.ts';
import type { StatementHandler } from '../statement-context.ts';

export const createSchema: StatementHandler<'create-schema'> = {
  kind: 'create-schema',
  async execute(statement, context) {
    const name = foldIdentifier(statement.name.parts.at(-1)!);
    const tag = { kind: 'command' as const, tag: 'CREATE SCHEMA' };
    if (context.definer.snapshot.schema(name) !== null && statement.ifNotExists) {
      context.notice({ severity: 'NOTICE', code: SqlState.duplicateSchema, message: `schema "${name}" already exists, skipping` });
      return tag;
    }
    await context.definer.commitEntries([{ kind: 'create-schema', oid: context.engine.catalog.allocateOid(), name }], context.signal);
    return tag;
  },
};

/** COMMENT ON a relation or a schema. */
export const commentOn: StatementHandler<'comment-on'> = {
  kind: 'comment-on',
  async execute(statement, context) {
    if (statement.objectKind === 'schema') {
      const schema = context.definer.snapshot.schema(foldIdentifier(statement.name.parts.at(-1)!));
      if (schema === null)
        throw new SqlError({
          code: SqlState.invalidSchemaName,
          message: `schema "${statement.name.parts.map(foldIdentifier).join('.')}" does not exist`,
          position: statement.name.span.start,
        });
      await context.definer.commitEntries([{ kind: 'comment-on-schema', oid: schema.oid, comment: statement.text }], context.signal);
    } else if (['stream', 'source', 'table', 'view', 'materialized view', 'sink'].includes(statement.objectKind)) {
      const relation = requireRelation(statement.name, context);
      const wanted = statement.objectKind === 'source' ? 'stream' : statement.objectKind;
      if (relation.kind !== wanted) {
        throw new SqlError({
          code: SqlState.wrongObjectType,
          message: `"${relation.name}" is not a ${statement.objectKind}`,
          position: statement.name.span.start,
        });
      }
      await context.definer.commitEntries([{ kind: 'put-relation', relation: { ...relation, comment: statement.text } }], context.signal);
    } else {
      throw new SqlError({
        code: SqlState.featureNotSupported,
        message: `COMMENT ON ${statement.objectKind.toUpperCase()} is not supported`,
        position: statement.span.start,
      });
    }
    return { kind: 'command', tag: 'COMMENT' };
  },
};

/** USE schema: puts it first on the search path. */
export const useSchema: StatementHandler<'use'> = {
  kind: 'use',
  async execute(statement, context) {
    const name = foldIdentifier(statement.name.parts.at(-1)!);
    if (context.definer.snapshot.schema(name) === null)
      throw new SqlError({ code: SqlState.invalidSchemaName, message: `schema "${name}" does not exist`, position: statement.name.span.start });
    context.session.settings.set('search_path', `${quoteIdentifier(name)}, public`, 'session');
    return { kind: 'command', tag: 'USE' };
  },
};
