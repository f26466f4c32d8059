import { SqlError, SqlState } from '../../../base/index.ts';
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../../../types/index.ts';
import { evaluatePath, PathError, parsePath } from './path/index.ts';

interface PathSearch {
  readonly document: JsonValue;
  readonly path: string;
  readonly variables: JsonObject;
  /** The first item is enough: in a lax path an error behind it does not count. */
  readonly first: boolean;
}

/** What a path finds, or the error that ends it. Errors thrown: those of the path itself. */
export function findItems({ document, path, variables, first }: PathSearch): {
  readonly items: readonly JsonValue[];
  readonly error: PathError | null;
} {
  const parsed = parsePath(path);
  const items: JsonValue[] = [];
  try {
    evaluatePath(parsed, document, variables, items);
    return { items, error: null };
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    return first && parsed.lax && items.length > 0 ? { items, error: null } : { items, error };
  }
}

/** Errors: 22023 unless it is an object. */
export function variablesOf(json: string): JsonObject {
  const value = parseJson(json);
  if (value !== null && isJsonObject(value)) return value;
  throw new SqlError({
    code: SqlState.invalidParameterValue,
    message: '"vars" argument is not an object',
    detail: 'Jsonpath parameters should be encoded as key-value pairs of "vars" object.',
  });
}
