import { formatType, type RowField, type SqlType } from '../types/index.ts';

/** A function a user has declared. Immutable; the catalog replaces it as a whole. Its name and the types of its parameters tell it from others. */
export interface DeclaredFunction {
  readonly oid: number;
  readonly schema: string;
  /** Folded name. */
  readonly name: string;
  readonly kind: 'scalar' | 'table' | 'aggregate';
  readonly language: 'sql' | 'javascript';
  readonly parameters: readonly { readonly name: string | null; readonly type: SqlType }[];
  /** Of a table function of several columns a row. */
  readonly resultType: SqlType;
  /** Of a table function; null for the others. */
  readonly columns: readonly RowField[] | null;
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  readonly strict: boolean;
  /** How long one call of JavaScript may take. */
  readonly timeoutMs: number;
  /** JavaScript, or a query as canonical SQL text. */
  readonly body: string;
  /** The whole statement as canonical SQL text. */
  readonly statement: string;
  /** Oids of relations and functions a query reads. */
  readonly dependsOn: readonly number[];
}

/** `f(integer, text)`, as PostgreSQL names a function in messages. */
export function functionText(declared: Pick<DeclaredFunction, 'name' | 'parameters'>): string {
  return `${declared.name}(${declared.parameters.map((parameter) => formatType(parameter.type)).join(',')})`;
}

/** What tells overloads apart. */
export function functionKey(schema: string, name: string, types: readonly SqlType[]): string {
  return JSON.stringify([schema, name, ...types.map((type) => formatType(type))]);
}
