import { SqlError, SqlState } from '../../base/index.ts';
import { type CatalogSnapshot, type Relation, referencedSecret } from '../../catalog/index.ts';
import { type CreateConnection, type CreateSecret, type CreateType, type DropStatement, foldIdentifier, printStatement } from '../../sql/index.ts';
import { findConnection, usersOf } from '../connections.ts';
import { attachmentKey, NAMED_VALUES_OID, type NamedKind, namedValue, namedValueName, namedValues } from '../named-values.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext, StatementHandler } from '../statement-context.ts';
import { refuseInBlock } from './refuse-in-block.ts';

/** CREATE SECRET name WITH (backend = 'meta') AS 'value': options say SECRET name from then on, and nobody is shown the value. */
export const createSecret: StatementHandler<'create-secret'> = {
  kind: 'create-secret',
  async execute(statement, context) {
    refuseInBlock(context, 'CREATE SECRET');
    await createNamedValue('secret', statement, context, () => secretValue(statement));
    return { kind: 'command', tag: 'CREATE SECRET' };
  },
};

/** CREATE TYPE name AS type: another name for it, written out wherever it is used. */
export const createType: StatementHandler<'create-type'> = {
  kind: 'create-type',
  async execute(statement, context) {
    await createNamedValue('type', statement, context, () => typeText(statement, context));
    return { kind: 'command', tag: 'CREATE TYPE' };
  },
};

/** Errors: 42710 when there is one of that name already, unless IF NOT EXISTS was written. */
export async function createNamedValue(
  kind: NamedKind,
  statement: CreateSecret | CreateType | CreateConnection,
  context: StatementContext,
  value: () => string | Promise<string>,
): Promise<void> {
  const name = namedValueName(kind, statement.name);
  if (namedValue(kind, name, context.definer.snapshot) !== null) {
    const message = `${kind} "${name}" already exists`;
    if (!statement.ifNotExists) throw new SqlError({ code: SqlState.duplicateObject, message, position: statement.name.span.start });
    context.notice({ severity: 'NOTICE', code: SqlState.duplicateObject, message: `${message}, skipping` });
    return;
  }
  const entry = { kind: 'attach', oid: NAMED_VALUES_OID, key: attachmentKey(kind, name), value: await value() } as const;
  await context.definer.commitEntries([entry], context.signal);
}

function secretValue(statement: CreateSecret): string {
  const backend = statement.options.find((option) => option.key.toLowerCase() === 'backend');
  if (backend !== undefined && backend.value.text.toLowerCase() !== 'meta') {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `secrets of backend "${backend.value.text}" are not supported`,
      hint: "Use backend = 'meta': the value is kept in the catalog.",
      position: backend.value.span.start,
    });
  }
  if (statement.value?.kind === 'string-literal') return statement.value.value;
  const position = (statement.value ?? statement).span.start;
  throw new SqlError({ code: SqlState.syntaxError, message: 'the value of a secret is a string', hint: "CREATE SECRET name AS 'value'.", position });
}

/** The statement is what is kept: its type has the types it names in their places already. */
function typeText(statement: CreateType, context: StatementContext): string {
  const { name, type } = statement;
  if (type.kind === 'named-type' && type.name.parts.length === 1 && foldIdentifier(type.name.parts[0]!) === 'enum') {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: 'enumerated types are not supported',
      hint: "Give the column the type TEXT and a CHECK (column IN ('…', '…')).",
      position: type.span.start,
    });
  }
  binderOf(context).type(type);
  if (isBuiltIn(statement, context))
    throw new SqlError({ code: SqlState.duplicateObject, message: `type "${name.parts[0]!.text}" already exists`, position: name.span.start });
  return printStatement({ ...statement, ifNotExists: false });
}

function isBuiltIn({ name }: CreateType, context: StatementContext): boolean {
  try {
    binderOf(context).type({ kind: 'named-type', name, modifiers: [], intervalFields: null, span: name.span });
    return true;
  } catch (error) {
    if (error instanceof SqlError) return false;
    throw error;
  }
}

/** DROP SECRET | CONNECTION | TYPE. Errors: 42704; 2BP01 for a secret or a connection that a relation's options refer to. */
export async function dropNamedValues(kind: NamedKind, statement: DropStatement, context: StatementContext): Promise<void> {
  const { snapshot } = context.definer;
  const names: string[] = [];
  for (const written of statement.names) {
    const name = namedValueName(kind, written);
    const position = written.span.start;
    if (namedValue(kind, name, snapshot) !== null) names.push(name);
    else if (!statement.ifExists) throw new SqlError({ code: SqlState.undefinedObject, message: `${kind} "${name}" does not exist`, position });
    else context.notice({ severity: 'NOTICE', code: SqlState.successfulCompletion, message: `${kind} "${name}" does not exist, skipping` });
    const user = kind === 'secret' ? secretUser(name, snapshot) : kind === 'connection' ? relationText(usersOf(name, snapshot)[0]) : null;
    if (user !== null)
      throw new SqlError({
        code: SqlState.dependentObjectsStillExist,
        message: `cannot drop ${kind} "${name}" because other objects depend on it`,
        detail: `${user} has it in its options`,
        position,
      });
  }
  const gone = names.map((name) => ({ kind: 'attach', oid: NAMED_VALUES_OID, key: attachmentKey(kind, name), value: null }) as const);
  await context.definer.commitEntries(gone, context.signal);
}

/** Who has the secret in its options, for people; null: nobody. */
function secretUser(secret: string, snapshot: CatalogSnapshot): string | null {
  const refers = (options: ReadonlyMap<string, string> | null): boolean =>
    [...(options?.values() ?? [])].some((value) => referencedSecret(value) === secret);
  const connection = namedValues('connection', snapshot).find(([name]) => refers(findConnection(name, snapshot)!.options));
  if (connection !== undefined) return `connection "${connection[0]}"`;
  return relationText([...snapshot.relations()].find(({ options }) => refers(options)));
}

function relationText(relation: Relation | undefined): string | null {
  return relation === undefined ? null : `${relation.kind} "${relation.name}"`;
}
