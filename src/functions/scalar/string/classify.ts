import type { FunctionDefinition } from '../../../expr/index.ts';
import { defineFunction } from '../define-function.ts';

const DECIMAL = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;

/** What a text consists of, in Flink's words, and numbers in other bases. */
export const classifyFunctions: readonly FunctionDefinition[] = [
  ...(
    [
      ['is_alpha', 'Whether a text has letters only', /^\p{L}+$/u, 'abc'],
      ['is_digit', 'Whether a text has digits only', /^\p{Nd}+$/u, '123'],
      ['is_decimal', 'Whether a text is a number', DECIMAL, '-1.5e3'],
    ] as const
  ).map(([name, description, pattern, sample]) =>
    defineFunction<[string | null]>({
      signature: `${name}(text) -> bool`,
      family: 'string',
      description: `${description}; a NULL is not (as in Flink)`,
      examples: [
        [`${name}('${sample}')`, 't'],
        [`${name}('?')`, 'f'],
        [`${name}(NULL)`, 'f'],
      ],
      nullBehaviour: 'called',
      evaluate: ([text]) => text !== null && pattern.test(text),
    }),
  ),
  ...(['int4', 'int8'] as const).flatMap((kind) =>
    (
      [
        ['to_bin', 'The binary digits of a number, of a negative one those of its two\u2019s complement', 2, '5', '101'],
        ['to_oct', 'The octal digits of a number, of a negative one those of its two\u2019s complement', 8, '64', '100'],
      ] as const
    ).map(([name, description, base, sample, result]) =>
      defineFunction<[number | bigint]>({
        signature: `${name}(${kind}) -> text`,
        family: 'string',
        description,
        examples: [[`${name}(${kind} '${sample}')`, result]],
        evaluate: ([value]) => BigInt.asUintN(kind === 'int4' ? 32 : 64, BigInt(value)).toString(base),
      }),
    ),
  ),
  defineFunction<(string | null)[]>({
    signature: 'field(text, variadic text) -> int4',
    family: 'string',
    description: 'Position of the first text among the others, from 1; 0 if it is not there or NULL (as in ksqlDB)',
    examples: [
      ["field('b', 'a', 'b')", '2'],
      ["field('x', 'a', 'b')", '0'],
    ],
    nullBehaviour: 'called',
    evaluate: ([wanted, ...texts]) => (wanted == null ? 0 : texts.indexOf(wanted) + 1),
  }),
];
