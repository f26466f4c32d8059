/** What crosses the border of a realm: never an object, so that neither side holds one of the other's. */
export type ScriptPrimitive = string | number | bigint | boolean | null;

/**
 * A user's code and how it is called. `function`: `body` is the body of a function of `parameters`. `rows`: of a generator function, whose yielded
 * values, or whose returned array, are rows. `aggregate`: definitions of create_state, accumulate and finish; the one argument is the JSON text of
 * all rows of a group, as a list of lists of arguments. With `export function` in it the body is a list of definitions, too, and `name` is called.
 */
export interface ScriptSource {
  readonly form: 'function' | 'rows' | 'aggregate';
  readonly name: string;
  readonly parameters: readonly string[];
  /** Positions of arguments that arrive as JSON text and are given as what it says. */
  readonly structured: readonly number[];
  readonly body: string;
}

/**
 * Runs the code once. The value comes as itself, a string with `s` in front of it, anything else as its JSON with `j` in front; what was thrown as its
 * message with `e` in front.
 */
export type ScriptCall = (...args: readonly ScriptPrimitive[]) => ScriptPrimitive;

/**
 * Realms for code of users: no clock, no randomness, no host object, no code from text. Neither a call nor a compilation has a limit of its own: callers
 * run them in `within`. The real one is adapters/vm-realm.ts.
 */
export interface ScriptRealms {
  /** Compiles in a realm of its own. Throws ScriptSyntaxError. */
  compile(source: ScriptSource): ScriptCall;
  /** Runs `work`, which calls scripts, and stops it, wherever it is, after the limit: then ScriptTimeout is thrown. Calls inside each other have the outer one's. */
  within<Result>(limitMs: number, work: () => Result): Result;
  /** Inside of `within`. */
  readonly limited: boolean;
}

/** Code that is no JavaScript. `line` counts lines of the body, `column` UTF-16 units, both from 0; null where the engine does not say. */
export class ScriptSyntaxError extends Error {
  readonly line: number | null;
  readonly column: number | null;

  constructor(message: string, line: number | null, column: number | null) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

/** The limit of `within` has passed. */
export class ScriptTimeout extends Error {}
