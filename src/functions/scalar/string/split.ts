import { js, SqlError, SqlState } from '../../../base/index.ts';
import type { EmitContext, EmittedResult, EmittedValue, FunctionDefinition } from '../../../expr/index.ts';
import { encodeUtf8 } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { emitText, type TextRange, textCodes } from '../emit-text.ts';

/** split_part (PostgreSQL, from 1), split_index (Flink, from 0), split (all parts), and elt, which picks one of its arguments. */
export const splitFunctions: readonly FunctionDefinition[] = [
  defineFunction<[string, string, number]>({
    signature: 'split_part(text, text, int4) -> text',
    family: 'string',
    description: 'The n-th part between delimiters, from 1; negative counts from the end; empty if there are fewer',
    examples: [
      ["split_part('abc~@~def~@~ghi', '~@~', 2)", 'def'],
      ["split_part('abc,def,ghi,jkl', ',', -2)", 'ghi'],
    ],
    fallible: true,
    evaluate: ([text, delimiter, field]) => {
      if (field === 0) throw new SqlError({ code: SqlState.invalidParameterValue, message: 'field position must not be zero' });
      if (text === '') return '';
      const parts = delimiter === '' ? [text] : text.split(delimiter);
      return parts.at(field > 0 ? field - 1 : field) ?? '';
    },
    emit: (args, context) => emitPart(args, context, 1),
  }),
  defineFunction<[string, string, number]>({
    signature: 'split_index(text, text, int4) -> text',
    family: 'string',
    description: 'The n-th part between delimiters, from 0; NULL if there are fewer (as in Flink)',
    examples: [["split_index('https://www.nexmark.com/bids/item', '/', 3)", 'bids']],
    evaluate: ([text, delimiter, index]) => (index < 0 || delimiter === '' ? null : (text.split(delimiter, index + 1)[index] ?? null)),
    emit: (args, context) => emitPart(args, context, 0),
  }),
  defineFunction<[string, string]>({
    signature: 'split(text, text) -> text[]',
    family: 'string',
    description: 'All parts between delimiters; an empty delimiter gives the characters (as in Flink and ksqlDB)',
    examples: [
      ["split('a,b,,c', ',')", '{a,b,"",c}'],
      ["split('abc', '')", '{a,b,c}'],
      ["split(NULL, ',')", null],
    ],
    evaluate: ([text, delimiter]) => ({ elements: delimiter === '' ? Array.from(text) : text.split(delimiter) }),
  }),
  defineFunction<[number | null, ...(string | null)[]]>({
    signature: 'elt(int4, variadic text) -> text',
    family: 'string',
    description: 'The argument of this number, from 1; NULL if there is none (as in Flink)',
    examples: [
      ["elt(2, 'scala', 'java')", 'java'],
      ["elt(3, 'scala', 'java')", null],
      ["elt(1, 'scala', NULL)", 'scala'],
    ],
    nullBehaviour: 'called',
    evaluate: ([index, ...texts]) => (index === null || index < 1 ? null : (texts[index - 1] ?? null)),
  }),
];

/** The part by a constant delimiter and number, counted from `first`; where there is none it is NULL counted from 0 and empty counted from 1. */
function emitPart(args: readonly EmittedValue[], context: EmitContext, first: 0 | 1): EmittedResult | null {
  const text = textCodes(args.slice(0, 1))?.[0];
  const delimiter = args[1]!.constant;
  const number = args[2]!.constant;
  if (text === undefined || typeof delimiter !== 'string' || delimiter === '' || typeof number !== 'number' || number < first) return null;
  const find = context.builder.capture('findPart', partFinder(encodeUtf8(delimiter), number - first));
  return emitText(context, (range) => js`${find}(${range}, ${text[0]}, ${text[1]}, ${text[2]})`, first === 0 ? 'nullable' : 'text');
}

/** A kernel that sets the range to the part of this index, to an empty one where there are fewer, and tells which. */
function partFinder(delimiter: Uint8Array, index: number): (range: TextRange, data: Uint8Array, start: number, end: number) => boolean {
  return (range, data, start, end) => {
    let from = start;
    let found = true;
    for (let skipped = 0; skipped < index && found; skipped++) {
      const at = delimiterAt(delimiter, data, from, end);
      found = at < end;
      from = found ? at + delimiter.length : end;
    }
    range.set(data, from, delimiterAt(delimiter, data, from, end));
    return found;
  };
}

/** Kernel: where the delimiter begins, or `end`. Equal UTF-8 bytes are equal characters, wherever they stand. */
function delimiterAt(delimiter: Uint8Array, data: Uint8Array, start: number, end: number): number {
  const length = delimiter.length;
  const first = delimiter[0]!;
  for (let at = start; at <= end - length; at++) {
    if (data[at] !== first) continue;
    let same = 1;
    while (same < length && data[at + same] === delimiter[same]) same++;
    if (same === length) return at;
  }
  return end;
}
