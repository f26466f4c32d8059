import { SqlError, SqlState } from '../../../base/index.ts';

/** Kafka properties by name, without the prefix `properties.` of the SQL option. */
export type Properties = Readonly<Record<string, string>>;

/** One of a fixed list, case ignored; undefined when absent, 22023 when it is none of them. */
export function oneOf<T extends string>(properties: Properties, name: string, allowed: readonly T[]): T | undefined {
  const text = properties[name];
  if (text === undefined) return undefined;
  const found = allowed.find((value) => value.toLowerCase() === text.toLowerCase());
  if (found === undefined) throw invalidProperty(name, text, `Valid values are ${allowed.join(', ')}.`);
  return found;
}

/** A whole number above zero; undefined when absent. */
export function positiveNumber(properties: Properties, name: string): number | undefined {
  const text = properties[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value <= 0 || !Number.isSafeInteger(value)) throw invalidProperty(name, text, 'Give a positive whole number.');
  return value;
}

export function invalidProperty(name: string, value: string, hint: string): SqlError {
  return new SqlError({ code: SqlState.invalidParameterValue, message: `invalid value for "properties.${name}": "${value}"`, hint });
}
