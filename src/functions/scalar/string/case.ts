import { js } from '../../../base/index.ts';
import type { EmitContext, EmittedResult, EmittedValue, FunctionDefinition } from '../../../expr/index.ts';
import { decodeUtf8 } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { emitText, type TextRange, textCodes } from '../emit-text.ts';

/** lower, upper, initcap. */
export const caseFunctions: readonly FunctionDefinition[] = [
  defineFunction<[string]>({
    signature: 'lower(text) -> text',
    family: 'string',
    description: 'All letters in lower case',
    examples: [["lower('TOM')", 'tom']],
    evaluate: ([text]) => simpleLower(text),
    emit: (args, context) => emitCase(args, context, mapLower),
  }),
  defineFunction<[string]>({
    signature: 'upper(text) -> text',
    family: 'string',
    description: 'All letters in upper case',
    examples: [["upper('tom')", 'TOM']],
    evaluate: ([text]) => simpleUpper(text),
    emit: (args, context) => emitCase(args, context, mapUpper),
  }),
  defineFunction<[string]>({
    signature: 'initcap(text) -> text',
    family: 'string',
    description: 'The first letter of each word in upper case, the rest in lower case',
    examples: [["initcap('hi THOMAS')", 'Hi Thomas']],
    evaluate: ([text]) => simpleLower(text).replace(/[\p{L}\p{N}]+/gu, (word) => simpleUpper(first(word)) + word.slice(first(word).length)),
  }),
];

/** Case mappings of Unicode that keep one character one character, as PostgreSQL's built-in C.UTF-8 does: the sharp s has no capital. */
function simpleUpper(text: string): string {
  const upper = text.toUpperCase();
  return upper.length === text.length ? upper : Array.from(text, (letter) => keepLength(letter, letter.toUpperCase())).join('');
}

function simpleLower(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : Array.from(text, (letter) => keepLength(letter, letter.toLowerCase())).join('');
}

function keepLength(letter: string, mapped: string): string {
  return Array.from(mapped).length === 1 ? mapped : letter;
}

function first(word: string): string {
  return String.fromCodePoint(word.codePointAt(0)!);
}

/** Sets the range to data[start, end) mapped. */
type CaseKernel = (range: TextRange, data: Uint8Array, start: number, end: number) => void;

const mapLower = caseKernel('A', simpleLower);
const mapUpper = caseKernel('a', simpleUpper);

function emitCase(args: readonly EmittedValue[], context: EmitContext, kernel: CaseKernel): EmittedResult | null {
  const text = textCodes(args)?.[0];
  if (text === undefined) return null;
  const map = context.builder.capture('mapCase', kernel);
  return emitText(context, (range) => js`${map}(${range}, ${text[0]}, ${text[1]}, ${text[2]})`, 'text');
}

/** ASCII is mapped a byte at a time, and not copied where nothing changes; `first` is the first of the 26 letters to map. */
function caseKernel(first: string, mapText: (text: string) => string): CaseKernel {
  const low = first.charCodeAt(0);
  return (range, data, start, end) => {
    let changes = false;
    for (let at = start; at < end; at++) {
      const byte = data[at]!;
      if (byte > 0x7f) {
        range.setText(mapText(decodeUtf8(data, start, end)));
        return;
      }
      if (byte >= low && byte < low + 26) changes = true;
    }
    if (!changes) {
      range.set(data, start, end);
      return;
    }
    const mapped = range.own(end - start);
    for (let at = start; at < end; at++) {
      const byte = data[at]!;
      // The cases of a letter of ASCII differ in this one bit.
      mapped[at - start] = byte >= low && byte < low + 26 ? byte ^ 0x20 : byte;
    }
    range.set(mapped, 0, end - start);
  };
}
