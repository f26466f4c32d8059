import { quoteIdentifier } from '../../../sql/index.ts';
/**
 * The variables of `\set`, `-v` and `:name`. Names are case-sensitive letters, digits and underscores (psql reference, "Variables").
 */
export class Variables {
  readonly #values = new Map<string, string>();

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** False when the name cannot be one. */
  set(name: string, value: string): boolean {
    if (!/^[\w\u0080-\uffff]+$/.test(name)) return false;
    this.#values.set(name, value);
    return true;
  }

  unset(name: string): void {
    this.#values.delete(name);
  }

  /** psql's reading of a switch: on, true, yes, 1 and what begins like them; anything else that is set is on, too, as psql has it. */
  isOn(name: string): boolean {
    const value = this.#values.get(name);
    return value !== undefined && !/^(?:|0|of|off|f|fa|fal|fals|false|n|no)$/i.test(value);
  }

  entries(): [string, string][] {
    return [...this.#values].sort(([one], [other]) => (one < other ? -1 : 1));
  }
}

/** A reference found in a text: how long it is, and what stands in its place. */
export interface VariableReference {
  readonly name: string;
  readonly length: number;
  readonly replacement: string;
  /** The value is text to be read on (`:name`); otherwise a literal or identifier that is whole. */
  readonly rescan: boolean;
}

const referencePattern = /:(?:\{\?([\w\u0080-\uffff]+)\}|'([\w\u0080-\uffff]+)'|"([\w\u0080-\uffff]+)"|([\w\u0080-\uffff]+))/y;

/** The reference at a colon; null when it is none or names no variable, which then stays as it is. */
export function variableReference(text: string, at: number, variables: Variables): VariableReference | null {
  referencePattern.lastIndex = at;
  const match = referencePattern.exec(text);
  if (match === null) return null;
  const [whole, asked, literal, identifier, plain] = match;
  const name = (asked ?? literal ?? identifier ?? plain)!;
  const { length } = whole;
  const value = variables.get(name);
  if (asked !== undefined) return { name, length, replacement: value === undefined ? 'FALSE' : 'TRUE', rescan: false };
  if (value === undefined) return null;
  if (plain !== undefined) return { name, length, replacement: value, rescan: true };
  return { name, length, replacement: literal === undefined ? quoteIdentifier(value) : quoteLiteral(value), rescan: false };
}

/** As PQescapeLiteral: a value with backslashes becomes an escape string. */
export function quoteLiteral(value: string): string {
  const quoted = `'${value.replaceAll("'", "''")}'`;
  return value.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}
