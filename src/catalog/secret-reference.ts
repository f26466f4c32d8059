/** No option that is written as text begins with this. */
const PREFIX = '\u0001secret:';

/** What stands in an option in the place of a secret's value, which only the connector is handed. */
export function secretReference(name: string): string {
  return PREFIX + name;
}

/** The name of the secret an option refers to, or null for an option that is what it says. */
export function referencedSecret(value: string): string | null {
  return value.startsWith(PREFIX) ? value.slice(PREFIX.length) : null;
}
