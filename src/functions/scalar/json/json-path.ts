import { type ArrayDatum, formatJson, isJsonArray, isJsonObject, type JsonValue } from '../../../types/index.ts';

/** Member or element; undefined where there is none. A number is a position, negative from the end. */
export function jsonAt(value: JsonValue, key: string | number): JsonValue | undefined {
  if (typeof key === 'number') {
    if (isJsonArray(value)) return value.at(key);
    // A scalar document is stored as an array of one element, which shows here.
    return (key === 0 || key === -1) && (value === null || !isJsonObject(value)) ? value : undefined;
  }
  return value !== null && isJsonObject(value) ? value.get(key) : undefined;
}

/** Follows a path of keys; in arrays a step has to be an integer. */
export function jsonAtPath(value: JsonValue, path: readonly (string | null)[]): JsonValue | undefined {
  let current: JsonValue | undefined = value;
  for (const step of path) {
    if (current === undefined || step === null) return undefined;
    current = isJsonArray(current) ? elementAt(current, step) : jsonAt(current, step);
  }
  return current;
}

/** The text ->> gives: strings without quotes, null as NULL. */
export function jsonText(value: JsonValue | undefined): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : formatJson(value);
}

export function pathOf(path: ArrayDatum): readonly (string | null)[] {
  return path.elements as readonly (string | null)[];
}

function elementAt(value: readonly JsonValue[], step: string): JsonValue | undefined {
  return /^\s*[+-]?\d+\s*$/.test(step) ? value.at(Number(step)) : undefined;
}
