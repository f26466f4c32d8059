import { type JsCode, JsName, js } from './js.ts';

/** Collects statements of one generated function, its captured scope values and its fresh names. */
export class CodeBuilder {
  readonly #lines: string[] = [];
  readonly #scopeNames: string[] = [];
  readonly #scopeValues: unknown[] = [];
  readonly #scopeIndex = new Map<unknown, JsName>();
  #depth = 1;
  #fresh = 0;

  /** A name no other part of this function uses. */
  name(prefix: string): JsName {
    this.#fresh++;
    return new JsName(`${prefix}${this.#fresh}`);
  }

  /** A value (function, table, pattern) the code may refer to by the returned name. */
  capture(prefix: string, value: unknown): JsName {
    const known = this.#scopeIndex.get(value);
    if (known) return known;
    const name = this.name(prefix);
    this.#scopeNames.push(name.text);
    this.#scopeValues.push(value);
    this.#scopeIndex.set(value, name);
    return name;
  }

  line(code: JsCode): void {
    this.#lines.push('  '.repeat(this.#depth) + code.text);
  }

  const(prefix: string, value: JsCode): JsName {
    const name = this.name(prefix);
    this.line(js`const ${name} = ${value};`);
    return name;
  }

  let(prefix: string, value: JsCode): JsName {
    const name = this.name(prefix);
    this.line(js`let ${name} = ${value};`);
    return name;
  }

  block(head: JsCode, body: () => void): void {
    this.line(js`${head} {`);
    this.#depth++;
    body();
    this.#depth--;
    this.line(js`}`);
  }

  if(condition: JsCode, then: () => void, otherwise?: () => void): void {
    this.block(js`if (${condition})`, then);
    if (otherwise) this.block(js`else`, otherwise);
  }

  /** The text of the function body, for EXPLAIN (CODEGEN) and for caching. */
  text(): string {
    return this.#lines.join('\n');
  }

  /** Compiles the body to a function of the given parameters; captured values are closed over. */
  compile(parameters: readonly JsName[], sourceUrl: string): (...args: never[]) => unknown {
    const inner = `"use strict"; return function (${parameters.map((p) => p.text).join(', ')}) {\n${this.text()}\n}\n//# sourceURL=${sourceUrl}`;
    const make = new Function(...this.#scopeNames, inner) as (...values: unknown[]) => (...args: never[]) => unknown;
    return make(...this.#scopeValues);
  }
}
