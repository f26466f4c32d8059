import { nearestNames, SqlError, SqlState } from '../../base/index.ts';
import type { ColumnIdentity, RelationColumn } from '../../catalog/index.ts';
import { type ConnectorDefinition, isHeadersType } from '../../spi/index.ts';
import { type ColumnDefinition, foldIdentifier, type Identifier, type IncludeClause, printExpression, type TableElement } from '../../sql/index.ts';
import { formatType, isIntegerType, type SqlType } from '../../types/index.ts';
import type { StatementBinder } from '../engine/index.ts';
import { buildIdentity, serialType } from './build-identity.ts';

/** Columns of CREATE STREAM, TABLE and SOURCE, and the constraints written with them. */
export interface BuiltColumns {
  readonly columns: readonly RelationColumn[];
  readonly primaryKey: readonly number[] | null;
}

interface ColumnPlace {
  readonly table: string;
  readonly binder: StatementBinder;
  readonly connector: ConnectorDefinition | null;
  /** The rows are ours: UNIQUE and CHECK are enforced. */
  readonly stored: boolean;
}

/**
 * Errors: 42701 for a name used twice, 42P16 for two primary keys, 42704 for unknown types and metadata keys, 0A000 for constraints that are not
 * enforced here (saying so beats ignoring them).
 */
export function buildColumns(elements: readonly TableElement[], includes: readonly IncludeClause[], context: ColumnPlace): BuiltColumns {
  const definitions = elements.filter((element) => element.kind === 'column-definition');
  refuseUnsupported(elements, context.stored);
  const typed: RelationColumn[] = [];
  for (const definition of definitions) {
    if (definition.computed === null) typed.push(plainColumn(definition, context));
    else typed.push(computedColumn(definition, context));
    refuseDuplicate(typed, definition);
  }
  for (const include of includes) typed.push(includedColumn(include, context.connector));
  const columns = typed.map((column, index) => {
    const definition = definitions[index];
    if (definition?.computed == null) return column;
    const visible = typed.filter((other) => other.source.kind !== 'computed');
    const { type } = context.binder.computedColumn(definition.computed.expression, visible);
    return { ...column, type };
  });
  return { columns, primaryKey: primaryKeyOf(elements, columns, context.table) };
}

function plainColumn(definition: ColumnDefinition, context: ColumnPlace): RelationColumn {
  if (definition.type === null) {
    throw new SqlError({ code: SqlState.syntaxError, message: `column "${definition.name.text}" needs a type`, position: definition.span.start });
  }
  const name = foldIdentifier(definition.name);
  const type = serialType(definition.type) ?? context.binder.type(definition.type);
  if (type.kind === 'void') throw new SqlError({ code: SqlState.invalidTableDefinition, message: `column "${name}" has pseudo-type void` });
  const identity = identityOf(definition, type, context);
  const notNull =
    identity !== null || definition.constraints.some((constraint) => constraint.kind === 'not-null' || constraint.kind === 'primary-key');
  const defaultValue = definition.constraints.find((constraint) => constraint.kind === 'default');
  if (defaultValue !== undefined) context.binder.constant(defaultValue.expression, type, 'DEFAULT expressions');
  return {
    name,
    externalName: definition.name.text,
    type,
    nullable: !notNull,
    source: definition.metadata === null ? { kind: 'physical' } : metadataSource(definition, type, context.connector),
    defaultExpression: defaultValue === undefined ? null : printExpression(defaultValue.expression),
    ...(identity !== null && { identity }),
  };
}

function identityOf(definition: ColumnDefinition, type: SqlType, { table, binder, stored }: ColumnPlace): ColumnIdentity | null {
  return buildIdentity(definition, { table, type, stored, newNumber: () => binder.engine.catalog.allocateOid() });
}

/** A computed column before its type is known. */
function computedColumn(definition: ColumnDefinition, context: ColumnPlace): RelationColumn {
  identityOf(definition, { kind: 'unknown' }, context);
  return {
    name: foldIdentifier(definition.name),
    externalName: definition.name.text,
    type: { kind: 'unknown' },
    nullable: true,
    source: { kind: 'computed', expression: printExpression(definition.computed!.expression) },
    defaultExpression: null,
  };
}

function metadataSource(definition: ColumnDefinition, type: SqlType, connector: ConnectorDefinition | null): RelationColumn['source'] {
  const key = definition.metadata!.key ?? definition.name.text;
  const supplied = checkMetadataKey(key, connector, definition.metadata!.span.start);
  if (key === 'headers' ? !isHeadersType(type) : !takesMetadata(type, supplied)) {
    throw new SqlError({
      code: SqlState.datatypeMismatch,
      message: `metadata "${key}" is of type ${formatType(supplied)}, not ${formatType(type)}`,
      hint: key === 'headers' ? 'Declare the column as ARRAY<STRUCT<key STRING, value BYTES>> or MAP<STRING, BYTES>.' : undefined,
      position: definition.name.span.start,
    });
  }
  return { kind: 'metadata', key, virtual: definition.metadata!.virtual };
}

/** Whole numbers and times in any width, times as milliseconds, and bytes that are known to be a text. */
function takesMetadata(declared: SqlType, supplied: SqlType): boolean {
  const isText = declared.kind === 'text' || declared.kind === 'varchar';
  switch (supplied.kind) {
    case 'timestamptz':
      return declared.kind === 'timestamp' || declared.kind === 'timestamptz' || declared.kind === 'int8';
    case 'bytea':
      return declared.kind === 'bytea' || isText;
    case 'text':
      return isText;
    default:
      return declared.kind === supplied.kind || (isIntegerType(supplied) && isIntegerType(declared));
  }
}

function checkMetadataKey(key: string, connector: ConnectorDefinition | null, position: number): SqlType {
  const keys = connector?.metadata ?? [];
  const found = keys.find((one) => one.key === key || (one.key.endsWith('*') && key.startsWith(one.key.slice(0, -1))));
  if (found !== undefined) return found.type;
  const names = keys.map((one) => one.key);
  const nearest = nearestNames(key, names, 1)[0];
  if (key === 'headers' || key.startsWith('headers.')) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `headers of messages are not supported by connector "${connector?.name ?? 'embedded'}"`,
      hint: names.length === 0 ? undefined : `It has: ${names.join(', ')}.`,
      position,
    });
  }
  throw new SqlError({
    code: SqlState.undefinedObject,
    message: `connector "${connector?.name ?? 'embedded'}" has no metadata "${key}"`,
    hint: nearest !== undefined ? `Perhaps you meant "${nearest}".` : names.length === 0 ? undefined : `It has: ${names.join(', ')}.`,
    position,
  });
}

/** RisingWave's INCLUDE field AS name. */
function includedColumn(include: IncludeClause, connector: ConnectorDefinition | null): RelationColumn {
  const headers = include.argument === null ? 'headers' : `headers.${include.argument}`;
  const key = include.field === 'header' ? headers : include.field;
  const type = checkMetadataKey(key, connector, include.span.start);
  const name = include.alias === null ? `_fsql_${key}` : foldIdentifier(include.alias.parts.at(-1)!);
  return { name, externalName: name, type, nullable: true, source: { kind: 'metadata', key, virtual: true }, defaultExpression: null };
}

function refuseDuplicate(columns: readonly RelationColumn[], definition: ColumnDefinition): void {
  const name = foldIdentifier(definition.name);
  if (columns.filter((column) => column.name === name).length < 2) return;
  throw new SqlError({ code: SqlState.duplicateColumn, message: `column "${name}" specified more than once`, position: definition.name.span.start });
}

function refuseUnsupported(elements: readonly TableElement[], stored: boolean): void {
  for (const element of elements) {
    const constraints = element.kind === 'column-definition' ? element.constraints : [element];
    for (const constraint of constraints) {
      const words: Readonly<Record<string, string>> = {
        unique: 'UNIQUE',
        'table-unique': 'UNIQUE',
        check: 'CHECK',
        'table-check': 'CHECK',
        references: 'REFERENCES',
        'table-foreign-key': 'FOREIGN KEY',
        'like-element': 'LIKE',
        'all-columns': '*',
      };
      const word = words[constraint.kind];
      const enforced = word === 'UNIQUE' || word === 'CHECK';
      if (word === undefined || (enforced && stored)) continue;
      throw new SqlError({
        code: SqlState.featureNotSupported,
        message: `${word} is not supported here yet`,
        hint: enforced ? 'It is enforced on stored tables: CREATE TABLE without a connector.' : undefined,
        position: constraint.span.start,
      });
    }
  }
}

function primaryKeyOf(elements: readonly TableElement[], columns: readonly RelationColumn[], table: string): readonly number[] | null {
  const keys: { readonly positions: readonly number[]; readonly position: number }[] = [];
  for (const element of elements) {
    if (element.kind === 'column-definition') {
      const own = element.constraints.find((constraint) => constraint.kind === 'primary-key');
      if (own !== undefined) keys.push({ positions: [columnNamed(foldIdentifier(element.name), columns, own.span.start)], position: own.span.start });
    } else if (element.kind === 'table-primary-key') {
      const positions = element.columns.map((name) => keyColumn(name, columns));
      keys.push({ positions, position: element.span.start });
    }
  }
  if (keys.length > 1) {
    throw new SqlError({
      code: SqlState.invalidTableDefinition,
      message: `multiple primary keys for table "${table}" are not allowed`,
      position: keys[1]!.position,
    });
  }
  return keys[0]?.positions ?? null;
}

/** PostgreSQL says of a key's columns that they are named in it. */
export function keyColumn(name: Identifier, columns: readonly RelationColumn[]): number {
  try {
    return columnNamed(foldIdentifier(name), columns, name.span.start);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw error.with({ message: `column "${foldIdentifier(name)}" named in key does not exist` });
  }
}

/** Position of a column by name. Errors: 42703 with the nearest name. */
export function columnNamed(name: string, columns: readonly RelationColumn[], position: number): number {
  const index = columns.findIndex((column) => column.name === name);
  if (index >= 0) return index;
  const nearest = nearestNames(
    name,
    columns.map((column) => column.name),
    1,
  )[0];
  throw new SqlError({
    code: SqlState.undefinedColumn,
    message: `column "${name}" does not exist`,
    hint: nearest === undefined ? undefined : `Perhaps you meant "${nearest}".`,
    position,
  });
}
