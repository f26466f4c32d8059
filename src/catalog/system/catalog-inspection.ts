import { SqlError, SqlState } from '../../base/index.ts';
import { formatType, type SqlType, typeByOid, typeOid } from '../../types/index.ts';
import type { CatalogSnapshot } from '../catalog-snapshot.ts';
import type { Relation } from '../relation.ts';
import { currentSchemas, resolutionOrder } from '../search-path.ts';
import { relationOfConstraint, relationOfIndex } from './derived-oid.ts';
import { OWNER_NAME, OWNER_OID } from './fixed-oid.ts';
import { viewDefinition } from './object-definition.ts';
import { allFunctions, type CatalogFunction } from './pg-functions.ts';
import { quoteWhereNeeded } from './quote-where-needed.ts';
import { constraintsOf } from './shown-constraint.ts';
import { indexDefinition, indexesOf, type ShownIndex } from './shown-index.ts';

export interface InspectionScope {
  readonly catalog: CatalogSnapshot;
  readonly searchPath: readonly string[];
  /** The functions pg_proc lists, for regproc and for what psql asks of a function. */
  readonly functions?: () => ReadonlyMap<number, CatalogFunction>;
  /** A type by its name, for regtype. */
  readonly typeNamed?: (name: string) => SqlType | null;
}

/** Answers of PostgreSQL's catalog information functions (pg_get_viewdef, pg_table_is_visible, regclass …) for one session at one moment. */
export class CatalogInspection {
  readonly #scope: InspectionScope;

  constructor(scope: InspectionScope) {
    this.#scope = scope;
  }

  /**
   * pg_table_is_visible: the bare name finds this relation and no other. Null for an unknown oid. Relations of fsql_catalog count as
   * visible only when the path names that schema: psql leaves pg_catalog and information_schema out of `\d` by itself, but would list
   * fsql_catalog before the user's own relations.
   */
  relationIsVisible(oid: number): boolean | null {
    const found = this.#namedObject(oid);
    if (found === null) return null;
    const { schema, name } = found;
    if (schema === 'fsql_catalog' && !this.#scope.searchPath.includes(schema)) return false;
    const order = resolutionOrder(this.#scope.searchPath);
    if (!order.includes(schema)) return false;
    // An index hides nothing and is hidden by no relation of ours: their names are apart.
    const first = order.find((candidate) => this.#scope.catalog.relation(candidate, name) !== null);
    return first === undefined || first === schema;
  }

  viewDefinition(oid: number): string | null {
    const relation = this.#scope.catalog.relationByOid(oid);
    return relation === null ? null : viewDefinition(relation);
  }

  /** `column` 0: the whole definition. */
  indexDefinition(oid: number, column: number): string | null {
    const found = this.#indexed(oid);
    return found === null ? null : indexDefinition(found.relation, found.index, column === 0 ? null : column);
  }

  constraintDefinition(oid: number): string | null {
    const relationOid = relationOfConstraint(oid);
    const relation = relationOid === null ? null : this.#scope.catalog.relationByOid(relationOid);
    return relation === null ? null : (constraintsOf(relation).find((constraint) => constraint.oid === oid)?.definition ?? null);
  }

  /** obj_description for relations and schemas; others have none. */
  objectDescription(oid: number, catalogName: string): string | null {
    if (catalogName === 'pg_class') return this.#scope.catalog.relationByOid(oid)?.comment ?? null;
    if (catalogName !== 'pg_namespace') return null;
    for (const schema of this.#scope.catalog.schemas()) if (schema.oid === oid) return schema.comment;
    return null;
  }

  /** pg_get_function_result. */
  functionResult(oid: number): string | null {
    const definition = this.#function(oid);
    if (definition === undefined) return null;
    const type = definition.resultType === null ? '"any"' : formatType(definition.resultType);
    return definition.returnsSet ? `SETOF ${type}` : type;
  }

  /** pg_get_function_arguments. */
  functionArguments(oid: number): string | null {
    const definition = this.#function(oid);
    if (definition === undefined) return null;
    const last = definition.argumentTypes.length - 1;
    const names = definition.declared?.parameterNames.map((name) => (name === '' ? '' : `${quoteWhereNeeded(name)} `)) ?? [];
    return definition.argumentTypes
      .map((type, index) => `${definition.variadic && index === last ? 'VARIADIC ' : ''}${names[index] ?? ''}${formatType(type)}`)
      .join(', ');
  }

  /** pg_get_functiondef. */
  functionDefinition(oid: number): string | null {
    const definition = this.#function(oid);
    if (definition?.declared === undefined || definition.kind !== 'function') return null;
    const { schema, language, body } = definition.declared;
    const tag = body.includes('$function$') ? '$definition$' : '$function$';
    return [
      `CREATE OR REPLACE FUNCTION ${quoteWhereNeeded(schema)}.${quoteWhereNeeded(definition.name)}(${this.functionArguments(oid)})`,
      ` RETURNS ${this.functionResult(oid)}`,
      ` LANGUAGE ${language}`,
      ` ${definition.volatility.toUpperCase()}${definition.strict ? ' STRICT' : ''}`,
      `AS ${tag}${body}${tag}`,
      '',
    ].join('\n');
  }

  #function(oid: number): CatalogFunction | undefined {
    return this.#functions().get(oid);
  }

  #functions(): ReadonlyMap<number, CatalogFunction> {
    return allFunctions(this.#scope.functions?.() ?? new Map(), this.#scope.catalog);
  }

  /** pg_get_userbyid. */
  roleName(oid: number): string {
    return oid === OWNER_OID ? OWNER_NAME : `unknown (OID=${oid})`;
  }

  currentSchemas(implicit: boolean): string[] {
    return currentSchemas(this.#scope.searchPath, { exists: (schema) => this.#scope.catalog.schema(schema) !== null, implicit });
  }

  /** Oid of `'name'::regclass`: digits, a name, or schema.name, with quotes where needed. Null when there is none (to_regclass). */
  findRelation(text: string): number | null {
    if (/^\d+$/.test(text.trim())) return Number(text);
    const parts = splitName(text);
    const schema = parts.length > 1 ? parts.at(-2)! : null;
    const reader = this.#scope.catalog.reader(this.#scope.searchPath);
    return reader.relation(schema, parts.at(-1)!)?.oid ?? null;
  }

  /** Oid of a reg* value as it is written; null when there is none. Functions are named alone or with the types of their arguments. */
  registeredOid(kind: 'regclass' | 'regtype' | 'regproc' | 'regnamespace', text: string): number | null {
    switch (kind) {
      case 'regclass':
        return this.findRelation(text);
      case 'regtype': {
        const type =
          this.#scope.typeNamed?.(
            text
              .trim()
              .replace(/^"?pg_catalog"?\./, '')
              .replaceAll('"', ''),
          ) ?? null;
        return type === null ? null : typeOid(type);
      }
      case 'regproc':
        return this.#findFunction(text);
      case 'regnamespace':
        return this.#scope.catalog.schema(splitName(text).at(-1)!)?.oid ?? null;
    }
  }

  /** Null where no function has the name, or several have. */
  #findFunction(text: string): number | null {
    const [, written = '', types] = /^([^(]*)(?:\((.*)\))?$/s.exec(text.trim()) ?? [];
    const parts = splitName(written);
    const wanted = types?.split(',').flatMap((type) => (type.trim() === '' ? [] : [this.registeredOid('regtype', type)]));
    const schemas = parts.length > 1 ? [parts.at(-2)!] : resolutionOrder(this.#scope.searchPath);
    const found = [...this.#functions()].filter(
      ([, { name, argumentTypes, declared }]) =>
        name === parts.at(-1) &&
        schemas.includes(declared?.schema ?? 'pg_catalog') &&
        (wanted === undefined || wanted.join() === argumentTypes.map(typeOid).join()),
    );
    return found.length === 1 ? found[0]![0] : null;
  }

  /** As findRelation; 42P01 when there is none. */
  relationOid(text: string): number {
    const oid = this.findRelation(text);
    if (oid === null) throw new SqlError({ code: SqlState.undefinedTable, message: `relation "${text}" does not exist` });
    return oid;
  }

  /** Text of a reg* value; null when nothing has that oid. */
  registeredName(kind: 'regclass' | 'regtype' | 'regproc' | 'regnamespace', oid: number): string | null {
    switch (kind) {
      case 'regclass':
        return this.#relationName(oid);
      case 'regtype': {
        const type = typeByOid(oid);
        return type === null ? null : formatType(type);
      }
      case 'regproc':
        return this.#function(oid)?.name ?? null;
      case 'regnamespace':
        for (const schema of this.#scope.catalog.schemas()) if (schema.oid === oid) return quoteWhereNeeded(schema.name);
        return null;
    }
  }

  /** The name by which error messages and notices call a relation: with schema where the search path does not find it. */
  shownName(relation: Relation): string {
    return this.relationIsVisible(relation.oid) === true ? relation.name : `${relation.schema}.${relation.name}`;
  }

  #relationName(oid: number): string | null {
    const found = this.#namedObject(oid);
    if (found === null) return null;
    const name = quoteWhereNeeded(found.name);
    return this.relationIsVisible(oid) === true ? name : `${quoteWhereNeeded(found.schema)}.${name}`;
  }

  #namedObject(oid: number): { schema: string; name: string } | null {
    const indexed = this.#indexed(oid);
    if (indexed !== null) return { schema: indexed.relation.schema, name: indexed.index.name };
    return this.#scope.catalog.relationByOid(oid);
  }

  #indexed(oid: number): { readonly relation: Relation; readonly index: ShownIndex } | null {
    const relationOid = relationOfIndex(oid);
    const relation = relationOid === null ? null : this.#scope.catalog.relationByOid(relationOid);
    const index = relation === null ? undefined : indexesOf(relation).find((one) => one.indexOid === oid);
    return relation === null || index === undefined ? null : { relation, index };
  }
}

/** The parts of a dotted name: folded to lower case unless quoted. */
function splitName(text: string): string[] {
  const parts = [...text.trim().matchAll(/"((?:[^"]|"")*)"|([^."]+)/g)];
  if (parts.length === 0) throw new SqlError({ code: SqlState.invalidName, message: 'invalid name syntax' });
  return parts.map(([, quoted, bare]) => (quoted === undefined ? bare!.trim().toLowerCase() : quoted.replaceAll('""', '"')));
}
