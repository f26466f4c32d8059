import { formatTypeKind, type SqlType } from '../../types/index.ts';
import { shownDefault } from '../column-identity.ts';
import type { Relation, RelationColumn } from '../relation.ts';
import { OWNER_NAME } from './fixed-oid.ts';
import { CATALOG_TYPES } from './pg-types.ts';
import { generationExpression, relationKindCode, tableType } from './relation-kind.ts';
import { constraintsOf, keysOf } from './shown-constraint.ts';
import type { SystemContext, SystemRow } from './system-relation.ts';

/** The SQL standard's views (PostgreSQL documentation, chapter "The Information Schema"). */

export function* schemata(context: SystemContext): Iterable<SystemRow> {
  for (const schema of context.catalog.schemas()) {
    yield { catalog_name: context.database, schema_name: schema.name, schema_owner: OWNER_NAME };
  }
}

/** Materialised views are left out in PostgreSQL, as the standard does not know them; tools then never find them, so we list them as views. */
export function* tables(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    yield {
      ...tableName(context, relation),
      table_type: tableType(relation),
      is_insertable_into: yesOrNo(relation.kind === 'table' || relation.kind === 'stream'),
      is_typed: 'NO',
    };
  }
}

export function* views(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    if (relationKindCode(relation) === 'r') continue;
    yield {
      ...tableName(context, relation),
      view_definition: relation.query,
      check_option: 'NONE',
      is_updatable: 'NO',
      is_insertable_into: 'NO',
      is_trigger_updatable: 'NO',
      is_trigger_deletable: 'NO',
      is_trigger_insertable_into: 'NO',
    };
  }
}

export function* columns(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    for (const [index, column] of relation.columns.entries()) yield columnRow(context, relation, { column, number: index + 1 });
  }
}

function columnRow(context: SystemContext, relation: Relation, at: { column: RelationColumn; number: number }): SystemRow {
  const { column, number } = at;
  const generation = generationExpression(column);
  const writable = (relation.kind === 'table' || relation.kind === 'stream') && generation === null;
  return {
    ...tableName(context, relation),
    column_name: column.name,
    ordinal_position: number,
    column_default: shownDefault(relation, column),
    is_nullable: yesOrNo(column.nullable),
    data_type: column.type.kind === 'array' ? 'ARRAY' : formatTypeKind(column.type),
    ...typeFacts(column.type),
    udt_catalog: context.database,
    udt_schema: 'pg_catalog',
    udt_name: udtName(column.type),
    dtd_identifier: String(number),
    is_self_referencing: 'NO',
    ...identityFacts(column),
    is_generated: generation === null ? 'NEVER' : 'ALWAYS',
    generation_expression: generation,
    is_updatable: yesOrNo(writable),
  };
}

function identityFacts({ identity }: RelationColumn): SystemRow {
  if (identity === undefined || identity.kind === 'serial') return { is_identity: 'NO', identity_cycle: 'NO' };
  return {
    is_identity: 'YES',
    identity_generation: identity.kind.toUpperCase(),
    identity_start: identity.start,
    identity_increment: identity.increment,
    identity_maximum: identity.maximum,
    identity_minimum: identity.minimum,
    identity_cycle: yesOrNo(identity.cycle),
  };
}

function typeFacts(type: SqlType): SystemRow {
  switch (type.kind) {
    case 'varchar':
    case 'char':
      return { character_maximum_length: type.length, character_octet_length: type.length === null ? 1_073_741_824 : type.length * 4 };
    case 'text':
      return { character_octet_length: 1_073_741_824 };
    case 'int2':
      return { numeric_precision: 16, numeric_precision_radix: 2, numeric_scale: 0 };
    case 'int4':
      return { numeric_precision: 32, numeric_precision_radix: 2, numeric_scale: 0 };
    case 'int8':
      return { numeric_precision: 64, numeric_precision_radix: 2, numeric_scale: 0 };
    case 'float4':
      return { numeric_precision: 24, numeric_precision_radix: 2 };
    case 'float8':
      return { numeric_precision: 53, numeric_precision_radix: 2 };
    case 'numeric':
      return { numeric_precision: type.precision, numeric_precision_radix: 10, numeric_scale: type.precision === null ? null : (type.scale ?? 0) };
    case 'date':
      return { datetime_precision: 0 };
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return { datetime_precision: type.precision };
    case 'interval':
      return { datetime_precision: 6 };
    default:
      return {};
  }
}

function udtName(type: SqlType): string {
  if (type.kind === 'array') return `_${udtName(type.element).replace(/^_/, '')}`;
  return CATALOG_TYPES.find((candidate) => candidate.kind === type.kind)?.name ?? type.kind;
}

const constraintTypes = { p: 'PRIMARY KEY', u: 'UNIQUE', c: 'CHECK' } as const;

export function* tableConstraints(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    for (const constraint of constraintsOf(relation)) {
      yield {
        ...constraintName(context, relation, constraint),
        ...tableName(context, relation),
        constraint_type: constraintTypes[constraint.type],
        is_deferrable: 'NO',
        initially_deferred: 'NO',
        enforced: 'YES',
        nulls_distinct: constraint.type === 'u' ? yesOrNo(constraint.nullsDistinct) : null,
      };
    }
  }
}

export function* checkConstraints(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    for (const rule of relation.constraints ?? []) {
      if (rule.kind === 'check') yield { ...constraintName(context, relation, rule), check_clause: `(${rule.expression})` };
    }
  }
}

export function* keyColumnUsage(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    for (const key of keysOf(relation)) {
      for (const [index, position] of key.columns.entries()) {
        yield {
          ...constraintName(context, relation, key),
          ...tableName(context, relation),
          column_name: relation.columns[position]!.name,
          ordinal_position: index + 1,
        };
      }
    }
  }
}

export function* constraintColumnUsage(context: SystemContext): Iterable<SystemRow> {
  for (const relation of context.catalog.relations()) {
    for (const constraint of constraintsOf(relation)) {
      for (const position of constraint.columns) {
        yield { ...constraintName(context, relation, constraint), ...tableName(context, relation), column_name: relation.columns[position]!.name };
      }
    }
  }
}

export function informationSchemaCatalogName(context: SystemContext): SystemRow[] {
  return [{ catalog_name: context.database }];
}

function tableName(context: SystemContext, relation: Relation): SystemRow {
  return { table_catalog: context.database, table_schema: relation.schema, table_name: relation.name };
}

function constraintName(context: SystemContext, relation: Relation, { name }: { readonly name: string }): SystemRow {
  return { constraint_catalog: context.database, constraint_schema: relation.schema, constraint_name: name };
}

function yesOrNo(value: boolean): 'YES' | 'NO' {
  return value ? 'YES' : 'NO';
}
