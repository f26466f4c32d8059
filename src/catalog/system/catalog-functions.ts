import { arrayOf, boolType, type Datum, int4Type, int8Type, nameType, oidType, regclassType, type SqlType, textType } from '../../types/index.ts';
import type { CatalogInspection } from './catalog-inspection.ts';
import { UTF8_ENCODING } from './fixed-oid.ts';

/**
 * A scalar function whose answer depends on the catalog as one session sees it. It has the shape of expr's FunctionDefinition (which
 * lies beside this folder and is not imported): whoever owns the session adds it to the functions of the statement.
 */
export interface CatalogFunctionDefinition {
  readonly name: string;
  readonly signature: string;
  readonly argumentTypes: readonly SqlType[];
  readonly resultType: SqlType;
  readonly volatility: 'stable';
  readonly fallible: boolean;
  readonly description: string;
  readonly examples: readonly { readonly sql: string; readonly result: string | null }[];
  readonly family: 'catalog';
  evaluate(args: readonly (Datum | null)[]): Datum | null;
}

type Arguments = readonly (Datum | null)[];

interface Specification {
  readonly name: string;
  /** One signature each. */
  readonly arguments: readonly (readonly SqlType[])[];
  readonly result: SqlType;
  readonly description: string;
  readonly fallible?: boolean;
  answer(inspection: CatalogInspection, args: Arguments): Datum | null;
}

/** PostgreSQL's system catalog information functions ("System Information Functions"); `inspection` is asked at each call. */
export function catalogFunctions(inspection: () => CatalogInspection): CatalogFunctionDefinition[] {
  return specifications.flatMap((specification) =>
    specification.arguments.map((argumentTypes) => ({
      name: specification.name,
      signature: `${specification.name}(${argumentTypes.map(signatureName).join(', ')}) -> ${signatureName(specification.result)}`,
      argumentTypes,
      resultType: specification.result,
      volatility: 'stable' as const,
      fallible: specification.fallible ?? false,
      description: specification.description,
      examples: [],
      family: 'catalog' as const,
      evaluate: (args: Arguments) => specification.answer(inspection(), args),
    })),
  );
}

function signatureName(type: SqlType): string {
  return type.kind === 'array' ? `${signatureName(type.element)}[]` : type.kind;
}

const always = (value: Datum | null) => (): Datum | null => value;

const visibility: readonly Specification[] = [
  {
    name: 'pg_table_is_visible',
    arguments: [[oidType]],
    result: boolType,
    description: 'whether the relation is found by its bare name',
    answer: (inspection, [oid]) => inspection.relationIsVisible(oid as number),
  },
  ...['pg_type_is_visible', 'pg_function_is_visible', 'pg_operator_is_visible', 'pg_collation_is_visible', 'pg_statistics_obj_is_visible'].map(
    (name): Specification => ({
      name,
      arguments: [[oidType]],
      result: boolType,
      description: 'always true: there is one of each name',
      answer: always(true),
    }),
  ),
  {
    name: 'current_schemas',
    arguments: [[boolType]],
    result: arrayOf(nameType),
    description: 'the schemas of the search path, with the implicit ones when asked for',
    answer: (inspection, [implicit]) => ({ elements: inspection.currentSchemas(implicit as boolean) }),
  },
  {
    name: 'to_regclass',
    arguments: [[textType]],
    result: regclassType,
    description: 'the relation of that name, or NULL',
    answer: (inspection, [name]) => inspection.findRelation(name as string),
  },
];

const definitions: readonly Specification[] = [
  {
    name: 'pg_get_viewdef',
    arguments: [[oidType], [oidType, boolType], [oidType, int4Type]],
    result: textType,
    description: 'the query of a view',
    answer: (inspection, [oid]) => inspection.viewDefinition(oid as number),
  },
  {
    name: 'pg_get_indexdef',
    arguments: [[oidType], [oidType, int4Type, boolType]],
    result: textType,
    description: 'the CREATE INDEX of an index, or one of its columns',
    answer: (inspection, [oid, column]) => inspection.indexDefinition(oid as number, (column as number | undefined) ?? 0),
  },
  {
    name: 'pg_get_constraintdef',
    arguments: [[oidType], [oidType, boolType]],
    result: textType,
    description: 'the definition of a constraint',
    answer: (inspection, [oid]) => inspection.constraintDefinition(oid as number),
  },
  {
    name: 'pg_get_expr',
    arguments: [
      [textType, oidType],
      [textType, oidType, boolType],
    ],
    result: textType,
    description: 'the text of an expression kept in the catalog',
    answer: (_, [expression]) => expression ?? null,
  },
  ...['pg_get_partkeydef', 'pg_get_ruledef', 'pg_get_triggerdef', 'pg_get_statisticsobjdef_columns', 'pg_get_function_sqlbody'].map(
    (name): Specification => ({
      name,
      arguments: [[oidType], [oidType, boolType]],
      result: textType,
      description: 'NULL: there are no such objects',
      answer: always(null),
    }),
  ),
];

const descriptions: readonly Specification[] = [
  {
    name: 'obj_description',
    arguments: [[oidType, nameType]],
    result: textType,
    description: 'the comment on an object',
    answer: (inspection, [oid, catalog]) => inspection.objectDescription(oid as number, catalog as string),
  },
  {
    name: 'col_description',
    arguments: [[oidType, int4Type]],
    result: textType,
    description: 'NULL: columns have no comments',
    answer: always(null),
  },
  {
    name: 'shobj_description',
    arguments: [[oidType, nameType]],
    result: textType,
    description: 'NULL: shared objects have no comments',
    answer: always(null),
  },
  {
    name: 'pg_get_userbyid',
    arguments: [[oidType]],
    result: nameType,
    description: 'the name of a role',
    answer: (inspection, [oid]) => inspection.roleName(oid as number),
  },
  {
    name: 'pg_get_function_result',
    arguments: [[oidType]],
    result: textType,
    description: 'the result type of a function',
    answer: (inspection, [oid]) => inspection.functionResult(oid as number),
  },
  ...['pg_get_function_arguments', 'pg_get_function_identity_arguments'].map(
    (name): Specification => ({
      name,
      arguments: [[oidType]],
      result: textType,
      description: 'the argument types of a function',
      answer: (inspection, [oid]) => inspection.functionArguments(oid as number),
    }),
  ),
];

const sizesAndRights: readonly Specification[] = [
  {
    name: 'pg_encoding_to_char',
    arguments: [[int4Type]],
    result: nameType,
    description: 'the name of an encoding: UTF8 is the only one',
    answer: (_, [encoding]) => (encoding === UTF8_ENCODING ? 'UTF8' : ''),
  },
  {
    name: 'pg_tablespace_location',
    arguments: [[oidType]],
    result: textType,
    description: 'empty: everything lies in the data directory',
    answer: always(''),
  },
  ...['pg_relation_size', 'pg_table_size', 'pg_total_relation_size', 'pg_indexes_size'].map(
    (name): Specification => ({
      name,
      arguments: [[regclassType]],
      result: int8Type,
      description: '0: rows live in memory and in checkpoints, not in a file of the relation',
      answer: always(0n),
    }),
  ),
  {
    name: 'pg_relation_is_publishable',
    arguments: [[regclassType]],
    result: boolType,
    description: 'false: there are no publications',
    answer: always(false),
  },
  ...['has_table_privilege', 'has_schema_privilege', 'has_database_privilege', 'has_function_privilege', 'has_column_privilege'].map(
    (name): Specification => ({
      name,
      arguments: [
        [textType, textType],
        [oidType, textType],
        [nameType, textType, textType],
        [nameType, oidType, textType],
      ],
      result: boolType,
      description: 'true: every session owns everything',
      answer: always(true),
    }),
  ),
];

const specifications: readonly Specification[] = [...visibility, ...definitions, ...descriptions, ...sizesAndRights];
