import type { FunctionDefinition } from '../../../expr/index.ts';
import { codePointLength, trimBlanks } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

/** Lengths in characters, bytes and bits. A char(n) counts without its padding. */
export const lengthFunctions: readonly FunctionDefinition[] = [
  ...(['length', 'char_length', 'character_length'] as const).flatMap((name) => [
    defineFunction<[string]>({
      signature: `${name}(text) -> int4`,
      family: 'string',
      description: 'Number of characters',
      examples: [[`${name}('jose')`, '4']],
      evaluate: ([text]) => codePointLength(text),
    }),
    defineFunction<[string]>({
      signature: `${name}(char) -> int4`,
      family: 'string',
      description: 'Number of characters without trailing blanks',
      examples: [[`${name}(char(5) 'ab')`, '2']],
      evaluate: ([text]) => codePointLength(trimBlanks(text)),
    }),
  ]),
  defineFunction<[Uint8Array]>({
    signature: 'length(bytea) -> int4',
    family: 'binary',
    description: 'Number of bytes',
    examples: [["length(bytea '\\x1234')", '2']],
    evaluate: ([bytes]) => bytes.length,
  }),
  defineFunction<[string]>({
    signature: 'octet_length(text) -> int4',
    family: 'string',
    description: 'Number of bytes in UTF-8',
    examples: [["octet_length('josé')", '5']],
    evaluate: ([text]) => Buffer.byteLength(text),
  }),
  defineFunction<[string]>({
    signature: 'octet_length(char) -> int4',
    family: 'string',
    description: 'Number of bytes in UTF-8, the padding among them',
    examples: [["octet_length(char(4) 'ab')", '4']],
    evaluate: ([text]) => Buffer.byteLength(text),
  }),
  defineFunction<[Uint8Array]>({
    signature: 'octet_length(bytea) -> int4',
    family: 'binary',
    description: 'Number of bytes',
    examples: [["octet_length(bytea '\\x123456')", '3']],
    evaluate: ([bytes]) => bytes.length,
  }),
  defineFunction<[string]>({
    signature: 'bit_length(text) -> int4',
    family: 'string',
    description: 'Number of bits in UTF-8',
    examples: [["bit_length('jose')", '32']],
    evaluate: ([text]) => Buffer.byteLength(text) * 8,
  }),
];
