import type { CatalogReader, Relation, RelationColumn } from '../../catalog/index.ts';
import type { EvaluationContext, FunctionDefinition, FunctionLookup } from '../../expr/index.ts';
import { aggregateFunctions, casts, createFunctionLookup, scalarFunctions, tableFunctions } from '../../functions/index.ts';
import { Registry } from '../../spi/index.ts';
import { parseExpression, parseStatement, type Query } from '../../sql/index.ts';
import { type Datum, formatDatum, type SqlType } from '../../types/index.ts';
import { type BindContext, bindQuery, createFunctionCatalog, findTableFunction, resolveTypeName } from '../binder/index.ts';
import type { BoundQuery, LogicalPlan } from '../logical/index.ts';
import { executePlan, type Row } from '../reference/index.ts';

/** A volatile function, which no built-in needs to be. */
const dice: FunctionDefinition = {
  name: 'dice',
  signature: 'dice() -> float8',
  argumentTypes: [],
  resultType: { kind: 'float8' },
  volatility: 'volatile',
  fallible: false,
  description: 'another number every time',
  examples: [],
  family: 'math',
  evaluate: () => 0.25,
};

const functions = [...scalarFunctions, dice];

/** All built-ins, to bind, optimize and run queries in tests of this folder. */
export const lookup: FunctionLookup = createFunctionLookup(functions, casts);

function missing(what: string): never {
  throw new Error(`${what} is not built in`);
}

export const functionCatalog = createFunctionCatalog({ functions, casts, aggregates: aggregateFunctions, tableFunctions, lookup });
export const aggregates = new Registry(aggregateFunctions, (one) => one.signature);

export const evaluation: EvaluationContext = {
  nowMicros: 1_700_000_000_000_000n,
  timeZone: 'UTC',
} as EvaluationContext;

/** A relation from a short text: `id int primary key, v text not null`. */
export function relation(oid: number, name: string, columns: string, extra: Partial<Relation> = {}): Relation {
  const parsed = splitColumns(columns).map(parseColumn);
  const key = parsed.flatMap((column, index) => (column.key ? [index] : []));
  return {
    oid,
    schema: 'public',
    name,
    kind: 'table',
    columns: parsed.map((column) => column.column),
    primaryKey: key.length === 0 ? null : key,
    uniqueKeys: [],
    watermark: null,
    options: null,
    appendOnly: false,
    query: null,
    statement: `CREATE TABLE ${name} (${columns})`,
    dependsOn: [],
    comment: null,
    ...extra,
  } as Relation;
}

function splitColumns(text: string): string[] {
  return text.split(/,(?![^()]*\))(?![^<>]*>)/).map((part) => part.trim());
}

function parseColumn(text: string): { column: RelationColumn; key: boolean } {
  const [, name, rest] = /^(\S+)\s+(.*)$/.exec(text)!;
  const key = /primary key/i.test(rest!);
  const computed = /^(.*?) as \((.*)\)$/i.exec(rest!);
  const fallback = /default (.*)$/i.exec(rest!);
  const typeText = (computed?.[1] ?? rest!).replace(/primary key|not null|default .*$/gi, '').trim();
  return {
    key,
    column: {
      name: name!.toLowerCase(),
      externalName: name!,
      type: typeOf(typeText),
      nullable: !key && !/not null/i.test(rest!),
      source: computed === null ? { kind: 'physical' } : { kind: 'computed', expression: computed[2]! },
      defaultExpression: fallback?.[1] ?? null,
    } as RelationColumn,
  };
}

function typeOf(text: string): SqlType {
  const cast = parseExpression(`NULL::${text}`);
  if (cast.kind !== 'cast') throw new Error(`no type: ${text}`);
  return resolveTypeName(cast.type);
}

export function catalogOf(relations: readonly Relation[]): CatalogReader {
  const reader = {
    relation: (schema, name) => relations.find((one) => one.name === name && (schema === null || one.schema === schema)) ?? null,
    relationByOid: (oid) => relations.find((one) => one.oid === oid) ?? null,
    relations: () => relations,
    functions: () => [],
    functionByOid: () => null,
    functionNames: () => [],
    hasSchema: (name) => name === 'public' || name === 'pg_catalog',
    stored: () => reader,
  } as CatalogReader;
  return reader;
}

export function bindContext(relations: readonly Relation[], parameterTypes: readonly (SqlType | null)[] = []): BindContext {
  return { catalog: catalogOf(relations), functions: functionCatalog, parameterTypes, evaluation, parseQuery, parseExpression };
}

export function parseQuery(text: string): Query {
  const statement = parseStatement(text);
  if (statement.kind !== 'query') throw new Error(`not a query: ${text}`);
  return statement;
}

export function bindText(sql: string, relations: readonly Relation[], parameterTypes: readonly (SqlType | null)[] = []): BoundQuery {
  return bindQuery(parseQuery(sql), bindContext(relations, parameterTypes));
}

/** Rows of a plan; `data` holds the rows of each relation by name. */
export async function runPlan(
  plan: LogicalPlan,
  data: Readonly<Record<string, readonly Row[]>> = {},
  breathe: () => Promise<void> | null = () => null,
): Promise<Row[]> {
  const result: Row[] = [];
  const batches = executePlan(plan, {
    breathe,
    functions: lookup,
    aggregates,
    evaluation,
    tableFunction: (name, types) => findTableFunction(functionCatalog, name, types) ?? missing(name),
    async *scan(scan) {
      const rows = data[scan.relation.name] ?? [];
      yield rows.map((row) => scan.paths.map((path) => follow(row, path)));
    },
  });
  for await (const rows of batches) result.push(...rows);
  return result;
}

function follow(row: Row, path: readonly number[]): Datum | null {
  let value: Datum | null = row[path[0]!] ?? null;
  for (const index of path.slice(1)) value = (value as { readonly fields: Row } | null)?.fields[index] ?? null;
  return value;
}

/** Rows as texts, as psql shows them unaligned; NULL is the word. */
export function formatRows(rows: readonly Row[], plan: LogicalPlan): string[] {
  return rows.map((row) => row.map((value, index) => (value === null ? 'NULL' : formatDatum(plan.fields[index]!.type, value))).join('|'));
}
