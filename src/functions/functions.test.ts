import { describe, expect, test } from 'vitest';
import { batchFromRows, readDatum } from '../batch/index.ts';
import { compileCalc, type Expression, expressionChildren, mapExpression } from '../expr/index.ts';
import { type Datum, formatDatum, type SqlType } from '../types/index.ts';
import { casts, scalarFunctions, tableFunctions } from './index.ts';
import { SqlEvaluator } from './testing/sql-evaluator.ts';

const evaluator = new SqlEvaluator();

function signatures(expression: Expression): string[] {
  const own = expression.kind === 'call' ? [expression.signature] : [];
  return [...own, ...expressionChildren(expression).flatMap(signatures)];
}

/** Replaces non-null literals by columns, so that generated code computes instead of folding. */
function liftLiterals(expression: Expression): { expression: Expression; types: SqlType[]; values: Datum[] } {
  const types: SqlType[] = [];
  const values: Datum[] = [];
  const lifted = mapExpression(expression, (node) => {
    if (node.kind !== 'literal' || node.value === null) return node;
    types.push(node.type);
    values.push(node.value);
    return { kind: 'column', type: node.type, index: types.length - 1, name: `c${types.length - 1}` };
  });
  return { expression: lifted, types, values };
}

describe('definitions', () => {
  test('have unique signatures, descriptions and examples', () => {
    const all = [...scalarFunctions, ...tableFunctions];
    expect(new Set(all.map((definition) => definition.signature)).size).toBe(all.length);
    for (const definition of all) {
      expect(definition.description.length, definition.signature).toBeGreaterThan(3);
      expect(definition.examples.length, definition.signature).toBeGreaterThan(0);
    }
    expect(new Set(casts.map((cast) => `${cast.from} ${cast.to}`)).size).toBe(casts.length);
  });
});

describe('examples', () => {
  for (const definition of scalarFunctions) {
    for (const example of definition.examples) {
      test(`${definition.signature}: ${example.sql}`, () => {
        const bound = evaluator.bind(example.sql);
        // Privileges share one example per family of signatures, and the binder compares rows field by field.
        const shared = definition.family === 'catalog' || definition.family === 'system' || definition.signature.startsWith('record');
        if (!shared) {
          expect(signatures(bound)).toContain(definition.signature);
        }
        expect(evaluator.text(example.sql)).toBe(example.result);
      });
    }
  }
});

test('generated code agrees with evaluate on every example', () => {
  let compared = 0;
  for (const definition of scalarFunctions.filter((candidate) => candidate.emit !== undefined)) {
    for (const example of definition.examples) {
      const { expression, types, values } = liftLiterals(evaluator.bind(example.sql));
      const batch = batchFromRows(types, [values, values.map(() => null)]);
      const run = (interpreted: boolean): (string | null)[] => {
        const calc = compileCalc({
          predicate: null,
          projections: [expression],
          inputColumns: types.map((type, index) => ({ name: `c${index}`, type })),
          functions: evaluator.functions,
          interpreted,
        });
        const result = calc.run(batch, evaluator.context, (_row, error) => {
          throw error;
        });
        return [0, 1].map((row) => {
          const value = readDatum(result!.columns[0]!, row);
          return value === null ? null : formatDatum(expression.type, value);
        });
      };
      expect(run(false), example.sql).toEqual(run(true));
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(150);
});
