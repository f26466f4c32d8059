import vm from 'node:vm';
import { type ScriptCall, type ScriptRealms, type ScriptSource, ScriptSyntaxError, ScriptTimeout } from '../script-realm.ts';
import { REALM_PRELUDE } from './realm-prelude.ts';

/** Lines in front of the user's first one. */
const LEADING_LINES = 1;
const FILE_NAME = 'function';

/**
 * Contexts of node:vm. A time limit is V8's: a watchdog stops the thread's JavaScript wherever it is, so that one limit covers calls in any number of
 * contexts, and everything below `within` is gone without a `finally`.
 */
export class VmRealms implements ScriptRealms {
  #work: (() => unknown) | null = null;
  #limited = false;
  /** A context that no code of a user sees: from here the limited work is called. */
  #guard: vm.Context | null = null;
  readonly #enter = new vm.Script('work()', { filename: FILE_NAME });

  get limited(): boolean {
    return this.#limited;
  }

  compile(source: ScriptSource): ScriptCall {
    refuseWords(source.body);
    const context = vm.createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false }, microtaskMode: 'afterEvaluate' });
    const makeCall = vm.runInContext(`${REALM_PRELUDE}.call(this)`, context) as (form: string, target: unknown, structured: string) => ScriptCall;
    return makeCall(source.form, targetOf(source, context), JSON.stringify(source.structured));
  }

  within<Result>(limitMs: number, work: () => Result): Result {
    if (this.#limited) return work();
    this.#guard ??= vm.createContext({ work: () => this.#work!() });
    this.#work = work;
    this.#limited = true;
    try {
      return this.#enter.runInContext(this.#guard, { timeout: limitMs }) as Result;
    } catch (error) {
      if ((error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw new ScriptTimeout(`stopped after ${limitMs} ms`);
      throw error;
    } finally {
      this.#limited = false;
      this.#work = null;
    }
  }
}

/**
 * Modules are of the host, and a promise nobody waits for ends the process when it fails. Neither word can be written with escapes, so looking at the
 * text is enough; in strings and comments they are refused, too.
 */
function refuseWords(body: string): void {
  const found = /(?<![\w$])(?:import|async)(?![\w$])/.exec(body);
  if (found === null) return;
  const before = body.slice(0, found.index).split('\n');
  throw new ScriptSyntaxError(`a function cannot use ${found[0]}`, before.length - 1, before.at(-1)!.length);
}

/** The function of a source, or for an aggregate the object of its functions. */
function targetOf(source: ScriptSource, context: vm.Context): unknown {
  const definitions = withoutExports(source.body);
  if (source.form === 'aggregate') {
    const part = (name: string): string => `${name}: typeof ${name} === 'function' ? ${name} : null`;
    const parts = compiled(
      `'use strict';\n${definitions}\nreturn { ${['create_state', 'accumulate', 'finish'].map(part).join(', ')} };`,
      [],
      context,
    )() as { readonly accumulate: unknown };
    if (parts.accumulate === null) throw new ScriptSyntaxError('an aggregate defines a function accumulate(state, …)', null, null);
    return parts;
  }
  if (definitions !== source.body) return compiled(`'use strict';\n${definitions}\nreturn ${source.name};`, [], context)();
  if (source.form === 'function') return compiled(`'use strict';\n${source.body}`, source.parameters, context);
  return compiled(`'use strict'; return function* (${source.parameters.join(', ')}) {\n${source.body}\n};`, [], context)();
}

/** `export` is blanked out, so that places stay where they are. */
function withoutExports(body: string): string {
  return body.replace(/(^|[;}])([ \t]*)export(?=\s+(?:function|const|let)\b)/gm, '$1$2      ');
}

function compiled(text: string, parameters: readonly string[], context: vm.Context): () => unknown {
  try {
    return vm.compileFunction(text, [...parameters], { parsingContext: context, filename: FILE_NAME }) as () => unknown;
  } catch (error) {
    throw syntaxErrorOf(error);
  }
}

/** V8 tells the place in front of the stack: `function:2`, the line, and a caret below it. */
function syntaxErrorOf(error: unknown): ScriptSyntaxError {
  const { stack = '', message = '' } = error as { stack?: string; message?: string };
  const [place = '', , caret = ''] = stack.split('\n');
  const line = /^function:(\d+)$/.exec(place);
  if (line === null) return new ScriptSyntaxError(message, null, null);
  const column = caret.indexOf('^');
  return new ScriptSyntaxError(message, Number(line[1]) - 1 - LEADING_LINES, column < 0 ? null : column);
}
