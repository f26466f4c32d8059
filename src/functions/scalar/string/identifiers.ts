import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { defineFunction } from '../define-function.ts';

/** One part of a name and what ends it. */
const PART = /^\s*(?:"((?:[^"]|"")*)"|([\p{L}_\u0080-\uffff][\p{L}\p{N}_$\u0080-\uffff]*))\s*/u;

/** parse_ident and normalize. */
export const identifierFunctions: readonly FunctionDefinition[] = [
  defineFunction<[string]>({
    signature: 'parse_ident(text) -> text[]',
    family: 'string',
    description: 'The parts of a name, unquoted ones in lower case',
    examples: [['parse_ident(\'"SomeSchema".someTable\')', '{SomeSchema,sometable}']],
    fallible: true,
    evaluate: ([text]) => ({ elements: parts(text, true) }),
  }),
  defineFunction<[string, boolean]>({
    signature: 'parse_ident(text, bool) -> text[]',
    family: 'string',
    description: 'The parts of a name; without the flag what follows it is ignored',
    examples: [["parse_ident('a.b[1]', false)", '{a,b}']],
    fallible: true,
    evaluate: ([text, strict]) => ({ elements: parts(text, strict) }),
  }),
  defineFunction<[string]>({
    signature: 'normalize(text) -> text',
    family: 'string',
    description: 'Unicode normal form C',
    examples: [['normalize(chr(97) || chr(776)) = chr(228)', 't']],
    evaluate: ([text]) => text.normalize('NFC'),
  }),
];

function parts(text: string, strict: boolean): string[] {
  const found: string[] = [];
  let rest = text;
  for (;;) {
    const match = PART.exec(rest);
    if (match === null) throw notAName(text, rest, found.length > 0);
    if (match[1] === '')
      throw new SqlError({
        code: SqlState.invalidParameterValue,
        message: `string is not a valid identifier: "${text}"`,
        detail: 'Quoted identifier must not be empty.',
      });
    found.push(match[1]?.replaceAll('""', '"') ?? lowerAscii(match[2]!));
    rest = rest.slice(match[0].length);
    if (rest.startsWith('.')) rest = rest.slice(1);
    else if (rest === '' || !strict) return found;
    else throw new SqlError({ code: SqlState.invalidParameterValue, message: `string is not a valid identifier: "${text}"` });
  }
}

/** PostgreSQL folds letters of ASCII alone where the encoding has characters of several bytes. */
function lowerAscii(word: string): string {
  return word.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function notAName(text: string, rest: string, behindDot: boolean): SqlError {
  const unclosed = /^\s*"/.test(rest);
  const start = rest.trimStart();
  const detail = unclosed
    ? 'String has unclosed double quotes.'
    : start.startsWith('.')
      ? 'No valid identifier before ".".'
      : behindDot
        ? 'No valid identifier after ".".'
        : undefined;
  return new SqlError({ code: SqlState.invalidParameterValue, message: `string is not a valid identifier: "${text}"`, detail });
}
