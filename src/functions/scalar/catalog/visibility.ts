import type { FunctionDefinition } from '../../../expr/index.ts';
import type { Datum } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

/** Objects other than relations all live in pg_catalog, which is on every search path. */
const ALWAYS_VISIBLE = [
  'collation',
  'conversion',
  'function',
  'opclass',
  'operator',
  'opfamily',
  'statistics_obj',
  'ts_config',
  'ts_dict',
  'ts_parser',
  'ts_template',
  'type',
] as const;
const PRIVILEGES = [
  'table',
  'schema',
  'database',
  'column',
  'function',
  'sequence',
  'type',
  'tablespace',
  'foreign_data_wrapper',
  'server',
  'language',
  'any_column',
] as const;

/** pg_*_is_visible and has_*_privilege. There is one role, and it may do everything. */
export const visibilityFunctions: readonly FunctionDefinition[] = [
  defineFunction<[number]>({
    signature: 'pg_table_is_visible(oid) -> bool',
    family: 'catalog',
    description: 'Whether the search path finds the relation by its bare name',
    examples: [['pg_table_is_visible(4000000000::oid)', null]],
    volatility: 'stable',
    asksSession: true,
    evaluate: ([oid], context) => context.catalog?.isRelationVisible(oid) ?? null,
  }),
  ...ALWAYS_VISIBLE.map((kind) =>
    defineFunction<[number]>({
      signature: `pg_${kind}_is_visible(oid) -> bool`,
      family: 'catalog',
      description: 'True: objects of this kind are all in pg_catalog',
      examples: [[`pg_${kind}_is_visible(0::oid) IS NOT FALSE`, 't']],
      volatility: 'stable',
      evaluate: () => true,
    }),
  ),
  ...PRIVILEGES.flatMap((kind) =>
    ['text, text', 'oid, text', 'name, text, text', 'name, oid, text', 'oid, oid, text'].map((args) =>
      defineFunction<Datum[]>({
        signature: `has_${kind}_privilege(${args}) -> bool`,
        family: 'catalog',
        description: 'True: the role of fsql has every privilege',
        examples: [["has_schema_privilege('public', 'usage')", 't']],
        volatility: 'stable',
        evaluate: () => true,
      }),
    ),
  ),
  ...['name, text', 'name, name, text', 'oid, text'].map((args) =>
    defineFunction<Datum[]>({
      signature: `pg_has_role(${args}) -> bool`,
      family: 'catalog',
      description: 'True: there is one role',
      examples: [["pg_has_role(current_user, 'usage')", 't']],
      volatility: 'stable',
      evaluate: () => true,
    }),
  ),
];
