import type { Relation } from '../../catalog/index.ts';
import { foldIdentifier, type Identifier, type Statement } from '../../sql/index.ts';
import type { SqlType } from '../../types/index.ts';
import { type IdentifierPlace, mapIdentifiers } from './map-identifiers.ts';

/** Places where a name is given, not looked up. */
const given: ReadonlySet<string> = new Set([
  'select-item/alias',
  'table-alias/name',
  'table-alias/columns',
  'common-table/name',
  'common-table/columns',
  'recursive-binding/name',
  'column-definition/name',
  'typed-column/name',
  'named-window/name',
  'include/alias',
  'lambda/parameters',
  'pattern-measure/name',
  'pattern-variable/name',
  'pattern-definition/name',
  'pattern-subset/name',
  'insert/alias',
  'update/alias',
  'delete/alias',
  'join/usingAlias',
  'declare-cursor/name',
  'declare-subscription-cursor/name',
  'prepare/name',
  'create-view/columns',
  'create-materialized-view/columns',
]);

const created = /^create-(stream|table|source|view|materialized-view|sink|index|schema)\/name$/;

/** Columns that windows add. */
const windowColumns = ['window_start', 'window_end', 'window_time', 'windowstart', 'windowend'];

function isGiven(place: IdentifierPlace): boolean {
  const where = `${place.kind}/${place.property}`;
  return given.has(where) || created.test(where);
}

/** Every spelling a name of the statement can mean: names it gives itself, relations and schemas, and the columns of the relations it names. */
export function knownNames(statement: Statement, relations: readonly Relation[], spell: (identifier: Identifier) => string): ReadonlySet<string> {
  const known = new Set<string>(windowColumns);
  const written = new Set<string>();
  mapIdentifiers(statement, (identifier, place) => {
    written.add(identifier.text.toLowerCase());
    if (isGiven(place)) known.add(identifier.quoted ? foldIdentifier(identifier) : spell(identifier));
    return identifier;
  });
  for (const relation of relations) {
    if (!written.has(relation.name.toLowerCase())) continue;
    known.add(relation.name);
    known.add(relation.schema);
    for (const column of relation.columns) {
      known.add(column.name);
      addFields(column.type, known);
    }
  }
  return known;
}

function addFields(type: SqlType, known: Set<string>): void {
  if (type.kind === 'array') addFields(type.element, known);
  if (type.kind === 'map') addFields(type.value, known);
  if (type.kind !== 'row') return;
  for (const field of type.fields) {
    known.add(field.name);
    addFields(field.type, known);
  }
}
