import type { CatalogLookup, FunctionDefinition } from '../../../expr/index.ts';
import { type Datum, formatType, typeByOid, typeOid } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

/** Definitions that fsql has no objects for: psql asks for them all the same, and NULL is PostgreSQL's answer for an unknown oid. */
const UNKNOWN_OBJECTS = [
  ['pg_get_function_sqlbody(oid) -> text', 'pg_get_function_sqlbody(0)'],
  ['pg_get_partkeydef(oid) -> text', 'pg_get_partkeydef(0)'],
  ['pg_get_ruledef(oid) -> text', 'pg_get_ruledef(0)'],
  ['pg_get_ruledef(oid, bool) -> text', 'pg_get_ruledef(0, true)'],
  ['pg_get_statisticsobjdef_columns(oid) -> text', 'pg_get_statisticsobjdef_columns(0)'],
  ['pg_get_triggerdef(oid) -> text', 'pg_get_triggerdef(0)'],
  ['pg_get_triggerdef(oid, bool) -> text', 'pg_get_triggerdef(0, true)'],
  ['pg_tablespace_location(oid) -> text', 'pg_tablespace_location(0)'],
  ['shobj_description(oid, name) -> text', "shobj_description(0, 'pg_database')"],
] as const;

/** Definitions of objects that exist through relations and functions: signature, example, the question to the catalog. */
const DEFINITIONS: readonly (readonly [string, string, (catalog: CatalogLookup, oid: number, column: number) => string | null | undefined])[] = [
  ['pg_get_constraintdef(oid) -> text', 'pg_get_constraintdef(0)', (catalog, oid) => catalog.constraintDefinition?.(oid)],
  ['pg_get_constraintdef(oid, bool) -> text', 'pg_get_constraintdef(0, true)', (catalog, oid) => catalog.constraintDefinition?.(oid)],
  ['pg_get_function_arguments(oid) -> text', 'pg_get_function_arguments(0)', (catalog, oid) => catalog.functionArguments?.(oid)],
  ['pg_get_function_identity_arguments(oid) -> text', 'pg_get_function_identity_arguments(0)', (catalog, oid) => catalog.functionArguments?.(oid)],
  ['pg_get_function_result(oid) -> text', 'pg_get_function_result(0)', (catalog, oid) => catalog.functionResult?.(oid)],
  ['pg_get_functiondef(oid) -> text', 'pg_get_functiondef(0)', (catalog, oid) => catalog.functionDefinition?.(oid)],
  ['pg_get_indexdef(oid) -> text', 'pg_get_indexdef(0)', (catalog, oid) => catalog.indexDefinition?.(oid, 0)],
  ['pg_get_indexdef(oid, int4, bool) -> text', 'pg_get_indexdef(0, 0, true)', (catalog, oid, column) => catalog.indexDefinition?.(oid, column)],
];

/** The functions that look a name up: the type of their oids, what is looked up, and a name that nothing has. */
const nameLookups = [
  ['regclass', 'a relation', 'no_such_relation'],
  ['regtype', 'a type', 'no_such_type'],
  ['regproc', 'a function', 'no_such_function'],
  ['regnamespace', 'a schema', 'no_such_schema'],
] as const;

/** Names, definitions and comments of registered objects, through EvaluationContext.catalog; without one nothing exists. */
export const objectFunctions: readonly FunctionDefinition[] = [
  ...UNKNOWN_OBJECTS.map(([signature, sql]) =>
    defineFunction<Datum[]>({
      signature,
      family: 'catalog',
      description: 'NULL: fsql has no object of that kind',
      examples: [[sql, null]],
      volatility: 'stable',
      evaluate: () => null,
    }),
  ),
  defineFunction<[number]>({
    signature: 'pg_relation_is_publishable(regclass) -> bool',
    family: 'catalog',
    description: 'False: there are no publications',
    examples: [['pg_relation_is_publishable(0::oid::regclass)', 'f']],
    volatility: 'stable',
    evaluate: () => false,
  }),
  ...DEFINITIONS.map(([signature, sql, ask]) =>
    defineFunction<[number, number | undefined]>({
      signature,
      family: 'catalog',
      description: 'Definition of an index, a constraint or a function',
      examples: [[sql, null]],
      volatility: 'stable',
      asksSession: true,
      evaluate: ([oid, column], context) => (context.catalog === undefined ? null : (ask(context.catalog, oid, column ?? 0) ?? null)),
    }),
  ),
  defineFunction<[number | null, number | null]>({
    signature: 'format_type(oid, int4) -> text',
    family: 'catalog',
    description: 'Name of a type with its modifier',
    examples: [
      ['format_type(1700, 655366)', 'numeric(10,2)'],
      ['format_type(1007, -1)', 'integer[]'],
    ],
    volatility: 'stable',
    nullBehaviour: 'called',
    evaluate: ([oid, modifier]) => {
      if (oid === null) return null;
      if (oid === 0) return '-';
      const type = typeByOid(oid, modifier ?? -1);
      if (type === null) return '???';
      return type.kind === 'char' && type.length === null && modifier === null ? 'character' : formatType(type);
    },
  }),
  ...(['pg_get_expr(text, oid) -> text', 'pg_get_expr(text, oid, bool) -> text'] as const).map((signature) =>
    defineFunction<[string]>({
      signature,
      family: 'catalog',
      description: 'The text of a stored expression; fsql stores texts',
      examples: [[signature.includes('bool') ? 'pg_get_expr(NULL, 0, true)' : 'pg_get_expr(NULL, 0)', null]],
      volatility: 'stable',
      evaluate: ([text]) => text,
    }),
  ),
  ...(['pg_get_viewdef(oid) -> text', 'pg_get_viewdef(oid, bool) -> text'] as const).map((signature) =>
    defineFunction<[number]>({
      signature,
      family: 'catalog',
      description: 'The query of a view',
      examples: [[signature.includes('bool') ? 'pg_get_viewdef(0::oid, true)' : 'pg_get_viewdef(0::oid)', null]],
      volatility: 'stable',
      asksSession: true,
      evaluate: ([oid], context) => context.catalog?.viewDefinition(oid) ?? null,
    }),
  ),
  defineFunction<[number, number]>({
    signature: 'col_description(oid, int4) -> text',
    family: 'catalog',
    description: 'Comment on a column',
    examples: [['col_description(0, 1)', null]],
    volatility: 'stable',
    asksSession: true,
    evaluate: ([oid, column], context) => context.catalog?.comment(oid, column) ?? null,
  }),
  ...(['obj_description(oid) -> text', 'obj_description(oid, name) -> text'] as const).map((signature) =>
    defineFunction<[number]>({
      signature,
      family: 'catalog',
      description: 'Comment on an object',
      examples: [[signature.includes('name') ? "obj_description(0, 'pg_class')" : 'obj_description(0)', null]],
      volatility: 'stable',
      asksSession: true,
      evaluate: ([oid], context) => context.catalog?.comment(oid, 0) ?? null,
    }),
  ),
  defineFunction<[number]>({
    signature: 'pg_get_userbyid(oid) -> name',
    family: 'catalog',
    description: 'Name of a role',
    examples: [['pg_get_userbyid(4000000000::oid)', 'unknown (OID=4000000000)']],
    volatility: 'stable',
    asksSession: true,
    evaluate: ([oid], context) => context.catalog?.roleName(oid) ?? `unknown (OID=${oid})`,
  }),
  ...nameLookups.map(([kind, what, missing]) =>
    defineFunction<[string]>({
      signature: `to_${kind}(text) -> ${kind}`,
      family: 'catalog',
      description: `Oid of ${what} by name, or NULL${kind === 'regproc' ? ' where there is none or more than one' : ''}`,
      examples: [[`to_${kind}('${missing}')`, null]],
      volatility: 'stable',
      asksSession: true,
      evaluate: ([name], context) => context.catalog?.objectOid(kind, name) ?? null,
    }),
  ),
  defineFunction<[string, string]>({
    signature: 'pg_get_serial_sequence(text, text) -> text',
    family: 'catalog',
    description: 'NULL: the numbers of an identity column come from no sequence of its own name',
    examples: [["pg_get_serial_sequence('pg_class', 'oid')", null]],
    volatility: 'stable',
    evaluate: () => null,
  }),
  defineFunction<[number]>({
    signature: 'pg_stat_get_numscans(oid) -> int8',
    family: 'catalog',
    description: '0: scans of indexes are not counted',
    examples: [['pg_stat_get_numscans(0)', '0']],
    volatility: 'stable',
    evaluate: () => 0n,
  }),
  defineFunction<[]>({
    signature: 'getdatabaseencoding() -> name',
    family: 'catalog',
    description: 'The encoding of texts',
    examples: [['getdatabaseencoding()', 'UTF8']],
    volatility: 'stable',
    evaluate: () => 'UTF8',
  }),
  defineFunction<[Datum | null]>({
    signature: 'pg_typeof(any) -> regtype',
    family: 'catalog',
    description: 'The type of any value',
    examples: [['pg_typeof(33)::text', 'integer']],
    volatility: 'stable',
    nullBehaviour: 'called',
    evaluate: (_args, _context, types) => typeOid(types[0]!),
  }),
  defineFunction<[Datum | null]>({
    signature: 'typeof(any) -> text',
    family: 'catalog',
    description: 'The type of any value, in words (as in Flink and DuckDB)',
    examples: [['typeof(33)', 'integer']],
    nullBehaviour: 'called',
    evaluate: (_args, _context, types) => formatType(types[0]!),
  }),
];
