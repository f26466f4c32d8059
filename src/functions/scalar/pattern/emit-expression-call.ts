import { js } from '../../../base/index.ts';
import type { EmitContext, EmittedResult, EmittedValue } from '../../../expr/index.ts';
import { decodeUtf8 } from '../../../types/index.ts';
import { emitBoolean } from '../emit.ts';
import { emitText, type TextRange, textCodes } from '../emit-text.ts';
import { isAscii } from './byte-matcher.ts';
import { type CompiledExpression, compileExpression } from './regular-expression.ts';

type Bytes = readonly [data: Uint8Array, start: number, end: number];

/** Whether the text in the first argument matches the constant expression in the second. */
export function emitMatches(args: readonly EmittedValue[], context: EmitContext, options: { flags: string; negated: boolean }): EmittedResult | null {
  const site = callSite(args, options.flags);
  if (site === null) return null;
  const { text, compiled } = site;
  const kernel = context.builder.capture('matches', matchKernel(compiled));
  const found = context.builder.const('found', js`${kernel}(${text[0]}, ${text[1]}, ${text[2]})`);
  context.builder.if(js`${found} === null`, () => context.builder.line(context.bail));
  return emitBoolean(options.negated ? js`!${found}` : js`${found}`);
}

/** A group of the first match of the constant expression in the second argument. */
export function emitGroup(args: readonly EmittedValue[], context: EmitContext, group: number): EmittedResult | null {
  const site = group < 0 ? null : callSite(args, '');
  if (site === null) return null;
  const { text, compiled } = site;
  const kernel = context.builder.capture('groupOf', groupKernel(compiled, group));
  return emitText(context, (range) => js`${kernel}(${range}, ${text[0]}, ${text[1]}, ${text[2]})`, 'fallible');
}

/** Null where the expression is not constant, or not right: evaluate has the error. */
function callSite(args: readonly EmittedValue[], flags: string) {
  const text = textCodes(args.slice(0, 1))?.[0];
  const pattern = args[1]!.constant;
  if (text === undefined || typeof pattern !== 'string') return null;
  try {
    return { text, compiled: compileExpression(pattern, flags) };
  } catch {
    return null;
  }
}

/** Null: the search failed, which the interpreter finds again and reports. */
function matchKernel({ expression }: CompiledExpression): (...text: Bytes) => boolean | null {
  const matcher = expression.byteMatcher();
  return (data, start, end) => {
    if (matcher !== null && expression.isBounded(end - start) && isAscii(data, start, end)) return matcher.search(data, start, end);
    try {
      return expression.test(decodeUtf8(data, start, end));
    } catch {
      return null;
    }
  };
}

function groupKernel({ expression }: CompiledExpression, group: number): (range: TextRange, ...text: Bytes) => boolean | null {
  const matcher = expression.byteMatcher();
  return (range, data, start, end) => {
    if (matcher !== null && expression.isBounded(end - start) && isAscii(data, start, end)) {
      if (2 * group >= matcher.slots.length || !matcher.search(data, start, end) || matcher.slots[2 * group + 1] === -1) return false;
      range.set(data, matcher.slots[2 * group]!, matcher.slots[2 * group + 1]!);
      return true;
    }
    try {
      const text = expression.exec(decodeUtf8(data, start, end))?.[group];
      if (text !== undefined) range.setText(text);
      return text !== undefined;
    } catch {
      return null;
    }
  };
}
