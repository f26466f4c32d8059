import { SqlError, SqlState } from '../base/index.ts';
import type { CatalogSnapshot, Relation } from '../catalog/index.ts';
import { namedValue } from './named-values.ts';

/** The option of a relation that names its connection. */
export const CONNECTION = 'connection';

/** How a system is reached, under a name. */
export interface Connection {
  /** The connector's name. */
  readonly type: string;
  /** Of the connector, canonical names; secrets as references. */
  readonly options: ReadonlyMap<string, string>;
}

export function connectionText({ type, options }: Connection): string {
  return JSON.stringify({ type, options: [...options] });
}

/** Null when there is none of that name. */
export function findConnection(name: string, snapshot: CatalogSnapshot): Connection | null {
  const text = namedValue(CONNECTION, name, snapshot);
  if (text === null) return null;
  const { type, options } = JSON.parse(text) as { readonly type: string; readonly options: readonly (readonly [string, string])[] };
  return { type, options: new Map(options) };
}

/** The options with those of the connection they name, which they go before. Errors: 42704. */
export function withConnection(options: ReadonlyMap<string, string>, snapshot: CatalogSnapshot): ReadonlyMap<string, string> {
  const name = options.get(CONNECTION);
  if (name === undefined) return options;
  const found = findConnection(name, snapshot);
  if (found === null) throw new SqlError({ code: SqlState.undefinedObject, message: `connection "${name}" does not exist` });
  return new Map([...found.options, ...[...options].filter(([key]) => key !== CONNECTION)]);
}

/** Relations that are reached by it. */
export function usersOf(name: string, snapshot: CatalogSnapshot): readonly Relation[] {
  return [...snapshot.relations()].filter(({ options }) => options?.get(CONNECTION) === name);
}
