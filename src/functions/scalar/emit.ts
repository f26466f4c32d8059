import { type JsCode, js } from '../../base/index.ts';
import type { EmitContext, EmittedValue } from '../../expr/index.ts';
import type { SqlType } from '../../types/index.ts';

/** The codes of arguments that are all numbers (or booleans), or null where one is held otherwise. */
export function numericCodes(args: readonly EmittedValue[]): readonly JsCode[] | null {
  const codes: JsCode[] = [];
  for (const arg of args) {
    if (arg.form !== 'number') return null;
    codes.push(arg.code[0]!);
  }
  return codes;
}

export function emitNumber(type: SqlType, code: JsCode): EmittedValue {
  return { form: 'number', type, code: [code] };
}

export function emitBoolean(code: JsCode): EmittedValue {
  return { form: 'boolean', type: { kind: 'bool' }, code: [code] };
}

/** Computes a 64-bit integer as a double and leaves the row to the interpreter where the result may not be exact. */
export function emitSafeInteger(type: SqlType, code: JsCode, context: EmitContext): EmittedValue {
  const result = context.builder.const('int', code);
  // The negated comparison also catches NaN.
  context.builder.if(js`!(Math.abs(${result}) <= 9007199254740991)`, () => context.builder.line(context.bail));
  return emitNumber(type, js`${result}`);
}

/** Computes a 16- or 32-bit integer and leaves the row to the interpreter where it does not fit. */
export function emitBoundedInteger(type: SqlType, code: JsCode, context: EmitContext): EmittedValue {
  const result = context.builder.const('int', code);
  const [low, high] = type.kind === 'int2' ? [-32_768, 32_767] : [-2_147_483_648, 2_147_483_647];
  context.builder.if(js`!(${result} >= ${low} && ${result} <= ${high})`, () => context.builder.line(context.bail));
  return emitNumber(type, js`${result}`);
}

/** Leaves the row to the interpreter when a divisor is zero, so that the error is raised there. */
export function bailOnZero(divisor: JsCode, context: EmitContext): void {
  context.builder.if(js`${divisor} === 0`, () => context.builder.line(context.bail));
}
