import { type ScriptCall, type ScriptPrimitive, type ScriptRealms, ScriptSyntaxError, ScriptTimeout, SqlError, SqlState } from '../../base/index.ts';
import type { ScriptDeclaration } from '../../spi/index.ts';
import { isStructured } from './values.ts';

/** So many calls in a row that took too long make the next ones' limit a tenth, until one ends in time: who never ends shall not hold up the others. */
const PATIENCE = 3;
/** For the code outside of calls: a body is compiled, and the functions of an aggregate are defined, once. */
const COMPILE_LIMIT_MS = 1000;

const forms = { scalar: 'function', table: 'rows', aggregate: 'aggregate' } as const;

/** The compiled code of one declaration; compiled at its first call. */
export class Script {
  readonly #declaration: ScriptDeclaration;
  readonly #realms: ScriptRealms;
  #call: ScriptCall | null = null;
  #timeouts = 0;

  constructor(declaration: ScriptDeclaration, realms: ScriptRealms) {
    this.#declaration = declaration;
    this.#realms = realms;
  }

  /** Errors: 57014 when the time is over. What the code throws is in the answer. */
  call(args: readonly ScriptPrimitive[]): ScriptPrimitive {
    const call = this.#compiled();
    if (this.#realms.limited) return call(...args);
    const { name, timeoutMs } = this.#declaration;
    const limitMs = this.#timeouts < PATIENCE ? timeoutMs : Math.ceil(timeoutMs / 10);
    try {
      const given = this.#realms.within(limitMs, () => call(...args));
      this.#timeouts = 0;
      return given;
    } catch (error) {
      if (!(error instanceof ScriptTimeout)) throw error;
      this.#timeouts++;
      throw tooSlow(name, timeoutMs);
    }
  }

  /** Errors: 42601 at its place in the body. */
  check(): void {
    this.#compiled();
  }

  #compiled(): ScriptCall {
    this.#call ??= compile(this.#declaration, this.#realms);
    return this.#call;
  }
}

function compile(declaration: ScriptDeclaration, realms: ScriptRealms): ScriptCall {
  const { name, kind, body, parameters } = declaration;
  const source = {
    form: forms[kind],
    name,
    parameters: parameters.map((parameter, index) => parameter.name ?? `$${index + 1}`),
    structured: parameters.flatMap((parameter, index) => (isStructured(parameter.type) ? [index] : [])),
    body,
  };
  try {
    return realms.within(COMPILE_LIMIT_MS, () => realms.compile(source));
  } catch (error) {
    if (error instanceof ScriptTimeout) throw tooSlow(name, COMPILE_LIMIT_MS);
    if (!(error instanceof ScriptSyntaxError)) throw error;
    throw new SqlError({
      code: SqlState.syntaxError,
      message: `the JavaScript of function ${name} cannot be compiled: ${error.message}`,
      position: placeIn(body, error),
    });
  }
}

function placeIn(body: string, { line, column }: ScriptSyntaxError): number | undefined {
  if (line === null || line < 0) return undefined;
  const before = body.split('\n').slice(0, line);
  return Math.min(body.length, before.reduce((length, text) => length + text.length + 1, 0) + (column ?? 0));
}

function tooSlow(name: string, limitMs: number): SqlError {
  return new SqlError({
    code: SqlState.queryCanceled,
    message: `function ${name} took longer than ${limitMs} ms and was stopped`,
    hint: 'WITH (timeout_ms = …) behind CREATE FUNCTION gives a call more time.',
  });
}
