import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation, RelationColumn } from '../../catalog/index.ts';
import {
  type ColumnDefinition,
  type CreateTable,
  foldIdentifier,
  type LikeElement,
  parseStatement,
  quoteIdentifier,
  type TableElement,
  type WithOption,
} from '../../sql/index.ts';
import { formatType } from '../../types/index.ts';
import type { StatementContext } from '../statement-context.ts';
import { requireRelation } from './object-name.ts';

/** What LIKE may copy beside names, types and NOT NULL; the words of PostgreSQL and of Flink. */
const FEATURES = ['constraints', 'defaults', 'generated', 'identity', 'indexes', 'metadata', 'options', 'watermarks'] as const;
type Feature = (typeof FEATURES)[number];

/** Words that are understood and name nothing a relation here has. */
const EMPTY_FEATURES = new Set(['comments', 'compression', 'distribution', 'partitions', 'statistics', 'storage']);

interface Source {
  readonly relation: Relation;
  readonly elements: readonly TableElement[];
  readonly options: readonly WithOption[];
  readonly format: CreateTable['format'];
}

/**
 * CREATE TABLE with its LIKE clauses written out: PostgreSQL's among the columns copies what is asked for, Flink's behind the options all but what is excluded.
 * Errors: 42P01 for the relation, 42601 for unknown words.
 */
export function expandLike(statement: CreateTable, context: StatementContext): CreateTable {
  const own = statement.elements.flatMap((element) => {
    if (element.kind !== 'like-element') return [element];
    return copiedElements(sourceOf(element, context), featuresOf(element, []), 'plain');
  });
  if (statement.like === null) return { ...statement, elements: own };
  const source = sourceOf(statement.like, context);
  const features = featuresOf(statement.like, FEATURES);
  const written = new Set(own.flatMap((element) => (element.kind === 'column-definition' ? [foldIdentifier(element.name)] : [])));
  const copied = copiedElements(source, features, 'left-out').filter((element) => !isReplaced(element, own, written));
  const keys = new Set(statement.options.map((option) => option.key.toLowerCase()));
  const options = features.has('options') ? source.options.filter((option) => !keys.has(option.key.toLowerCase())) : [];
  return {
    ...statement,
    elements: [...copied, ...own],
    options: [...options, ...statement.options],
    format: statement.format ?? (features.has('options') ? source.format : null),
    like: null,
  };
}

/** A column written again, or a clause there is one of, counts as written. */
function isReplaced(element: TableElement, own: readonly TableElement[], written: ReadonlySet<string>): boolean {
  if (element.kind === 'column-definition') return written.has(foldIdentifier(element.name));
  if (element.kind === 'watermark' || element.kind === 'table-primary-key') return own.some((one) => one.kind === element.kind);
  return false;
}

function sourceOf(like: LikeElement, context: StatementContext): Source {
  const relation = requireRelation(like.table, context);
  const definition = relation.kind === 'table' || relation.kind === 'stream' ? parseStatement(relation.statement) : null;
  if (definition?.kind === 'create-table' || definition?.kind === 'create-stream' || definition?.kind === 'create-source')
    return { relation, elements: definition.elements, options: definition.options, format: definition.format };
  return { relation, elements: relation.columns.map((column) => plainColumn(column)), options: [], format: null };
}

/** The features that hold after INCLUDING and EXCLUDING in their order, from those that hold by themselves. */
function featuresOf(like: LikeElement, initial: readonly Feature[]): ReadonlySet<Feature> {
  const features = new Set<Feature>(initial);
  for (const { action, feature, span } of like.options) {
    if (EMPTY_FEATURES.has(feature)) continue;
    const named = feature === 'all' ? FEATURES : FEATURES.filter((one) => one === feature);
    if (named.length === 0) {
      throw new SqlError({
        code: SqlState.syntaxError,
        message: `LIKE does not know ${feature.toUpperCase()}`,
        hint: `It knows ALL, ${FEATURES.map((one) => one.toUpperCase()).join(', ')}.`,
        position: span.start,
      });
    }
    for (const one of named) {
      if (action === 'excluding') features.delete(one);
      else features.add(one);
    }
  }
  return features;
}

/** `generated`: what becomes of a computed column that is not copied as one: in PostgreSQL a plain column, in Flink nothing. */
function copiedElements(source: Source, features: ReadonlySet<Feature>, generated: 'plain' | 'left-out'): TableElement[] {
  // PostgreSQL counts keys among the indexes, Flink among the constraints.
  const keys = features.has(generated === 'plain' ? 'indexes' : 'constraints');
  return source.elements.flatMap((element): TableElement[] => {
    switch (element.kind) {
      case 'column-definition':
        return copiedColumn(element, { source, features, keys, generated });
      case 'table-primary-key':
      case 'table-unique':
        return keys ? [element] : [];
      case 'table-check':
        return features.has('constraints') ? [element] : [];
      case 'watermark':
        return features.has('watermarks') ? [element] : [];
      default:
        return [];
    }
  });
}

function copiedColumn(
  definition: ColumnDefinition,
  how: { readonly source: Source; readonly features: ReadonlySet<Feature>; readonly keys: boolean; readonly generated: 'plain' | 'left-out' },
): TableElement[] {
  const { source, features, keys, generated } = how;
  const column = source.relation.columns.find((one) => one.name === foldIdentifier(definition.name))!;
  if (definition.computed !== null && !features.has('generated')) return generated === 'plain' ? [plainColumn(column)] : [];
  if (definition.metadata !== null && !features.has('metadata')) return generated === 'plain' ? [plainColumn(column)] : [];
  const constraints = definition.constraints.filter((constraint) => {
    if (constraint.kind === 'identity') return features.has('identity');
    if (constraint.kind === 'default') return generated === 'left-out' || features.has('defaults');
    if (constraint.kind === 'primary-key' || constraint.kind === 'unique') return keys;
    if (constraint.kind === 'check') return features.has('constraints');
    return constraint.kind !== 'lateness' || features.has('watermarks');
  });
  const named = constraints.some((constraint) => constraint.kind === 'not-null' || constraint.kind === 'primary-key');
  const missing = !column.nullable && !named && definition.computed === null;
  const notNull = missing ? [{ kind: 'not-null', name: null, span: definition.span } as const] : [];
  return [{ ...definition, type: copiedType(definition, column, features), constraints: [...constraints, ...notNull] }];
}

/** SERIAL is a default, not a type. Errors: 0A000 for copying the default, which would be a counter of two tables. */
function copiedType({ type, span }: ColumnDefinition, column: RelationColumn, features: ReadonlySet<Feature>): ColumnDefinition['type'] {
  if (column.identity?.kind !== 'serial') return type;
  if (!features.has('defaults')) return plainColumn(column).type;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `the default of SERIAL column "${column.name}" cannot be copied: two tables would count with one counter`,
    hint: 'EXCLUDING DEFAULTS leaves it out; write the column out to give it a counter of its own.',
    position: span.start,
  });
}

/** Name, type and NOT NULL. */
export function plainColumn(column: Pick<RelationColumn, 'externalName' | 'type' | 'nullable'>): ColumnDefinition {
  const statement = parseStatement(
    `CREATE TABLE t (${quoteIdentifier(column.externalName)} ${formatType(column.type)}${column.nullable ? '' : ' NOT NULL'})`,
  ) as CreateTable;
  return statement.elements[0] as ColumnDefinition;
}
