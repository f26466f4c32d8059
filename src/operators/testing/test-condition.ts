import type { Expression, FunctionDefinition, FunctionLookup } from '../../expr/index.ts';
import { boolType, formatType, type SqlType } from '../../types/index.ts';

export interface TestCondition {
  /** Knows this one function, and no cast. */
  readonly functions: FunctionLookup;
  /** The condition over these columns of the joined row, one for each argument. */
  over(...columns: readonly number[]): Expression;
}

/** A condition on rows that a test says in TypeScript, so that an operator can be tested without the built-in functions. NULL for a NULL. */
export function testCondition(argumentTypes: readonly SqlType[], evaluate: FunctionDefinition['evaluate']): TestCondition {
  const signature = `condition(${argumentTypes.map((type) => formatType(type)).join(', ')}) -> bool`;
  return {
    functions: {
      function: () => ({
        name: 'condition',
        signature,
        argumentTypes,
        resultType: boolType,
        volatility: 'immutable',
        fallible: false,
        description: '',
        examples: [],
        family: 'operator',
        evaluate,
      }),
      cast: () => {
        throw new Error('no casts');
      },
    },
    over: (...columns) => ({
      kind: 'call',
      signature,
      type: boolType,
      args: columns.map((index, at) => ({ kind: 'column', index, name: `c${index}`, type: argumentTypes[at]! })),
    }),
  };
}
