import { type JsCode, type JsName, js } from '../../base/index.ts';
import type { EmitContext, EmittedResult, EmittedValue } from '../../expr/index.ts';
import { typeOfKind, writeUtf8 } from '../../types/index.ts';

/**
 * Where a kernel leaves the text it made: a range of its argument, or of memory of its own. One for each call in the SQL, good until that call is made
 * again, which is after the row has been stored.
 */
export class TextRange {
  data: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  #own = new Uint8Array(64);

  set(data: Uint8Array, start: number, end: number): void {
    this.data = data;
    this.start = start;
    this.end = end;
  }

  setText(text: string): void {
    const data = this.own(text.length * 3);
    this.set(data, 0, writeUtf8(text, data, 0));
  }

  /** Memory for at least as many bytes, to be written and then set. */
  own(length: number): Uint8Array {
    if (this.#own.length < length) this.#own = new Uint8Array(length * 2);
    return this.#own;
  }
}

/** The codes of data, start and end of every text, or null where one is not held as bytes. */
export function textCodes(args: readonly EmittedValue[]): readonly (readonly [data: JsCode, start: JsCode, end: JsCode])[] | null {
  const codes: [JsCode, JsCode, JsCode][] = [];
  for (const arg of args) {
    if (arg.form !== 'bytes') return null;
    codes.push(arg.code as [JsCode, JsCode, JsCode]);
  }
  return codes;
}

/**
 * A text that a call leaves in the range it is handed. A `nullable` call gives false where there is none; a `fallible` one besides null where it failed, and the
 * row goes to the interpreter.
 */
export function emitText(context: EmitContext, call: (range: JsName) => JsCode, outcome: 'text' | 'nullable' | 'fallible'): EmittedResult {
  const { builder } = context;
  const range = builder.capture('range', new TextRange());
  const found = builder.const('found', call(range));
  if (outcome === 'fallible') builder.if(js`${found} === null`, () => builder.line(context.bail));
  const code = [js`${range}.data`, js`${range}.start`, js`${range}.end`];
  return { form: 'bytes', type: typeOfKind('text'), code, ...(outcome === 'text' ? {} : { missing: js`!${found}` }) };
}
