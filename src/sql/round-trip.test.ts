import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../base/index.ts';
import type { Expression, Query } from './index.ts';
import { parseExpression, parseStatement, printExpression, printStatement } from './index.ts';
import { expressionArbitrary, queryArbitrary } from './testing/ast-arbitraries.ts';
import { generateExpression } from './testing/generate-expression.ts';
import { withoutSpans } from './testing/without-spans.ts';

const seed = 7_001;

describe(`printed text reads back to the same tree (seed ${seed})`, { timeout: 120_000 }, () => {
  it('for generated expression trees', () => {
    const check = (expression: Expression) => {
      const printed = printExpression(expression);
      expect(withoutSpans(parseExpression(printed)), printed).toEqual(withoutSpans(expression));
    };
    fc.assert(fc.property(expressionArbitrary, check), { seed, numRuns: 400, endOnFailure: true });
  });

  it('for generated query trees', () => {
    const check = (query: Query) => {
      const printed = printStatement(query);
      expect(withoutSpans(parseStatement(printed)), printed).toEqual(withoutSpans(query));
    };
    fc.assert(fc.property(queryArbitrary, check), { seed, numRuns: 100, endOnFailure: true });
  });

  it('for generated expression texts', () => {
    const random = seededRandom(seed);
    let read = 0;
    for (let count = 0; count < 1_000; count++) {
      const text = generateExpression(random, 3);
      let tree: Expression;
      try {
        tree = parseExpression(text);
      } catch {
        continue;
      }
      read++;
      expect(withoutSpans(parseExpression(printExpression(tree))), text).toEqual(withoutSpans(tree));
    }
    expect(read).toBeGreaterThan(500);
  });
});
