import { describe, expect, test } from 'vitest';
import { batchFromRows, readDatum } from '../batch/index.ts';
import { compileCalc, type Expression, expressionChildren, mapExpression } from '../expr/index.ts';
import { type Datum, formatDatum, type SqlType } from '../types/index.ts';
import { casts, scalarFunctions, tableFunctions } from './index.ts';
import { SqlEvaluator } from './testing/sql-evaluator.ts';

const evaluator = new SqlEvaluator();

function signatures(expression: Expression): string[] {
  const own = expression.kind === 'call' || expression.kind === 'lambda-call' ? [expression.signature] : [];
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
      test(`${definition.signature}: ${example.sql}`, async () => {
        const bound = evaluator.bind(example.sql);
        // Privileges share one example per family of signatures, and the binder compares rows field by field.
        const shared = definition.family === 'catalog' || definition.family === 'system' || definition.signature.startsWith('record');
        if (!shared) {
          expect(signatures(bound)).toContain(definition.signature);
        }
        expect(await evaluator.textAfterWaiting(example.sql)).toBe(example.result);
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

describe('generated code at the edges', () => {
  const cases = [
    ...[
      "int8 '9007199254740991' + int8 '1'",
      "int8 '9223372036854775807' + int8 '1'",
      "int8 '3037000500' * int8 '3037000500'",
      "int8 '-7' / int8 '2'",
      "int8 '-7' % int8 '3'",
    ],
    ...[
      "int8 '1' / int8 '0'",
      "int4 '2147483647' + int4 '1'",
      "int2 '-32768' / int2 '-1'",
      "- int4 '0'",
      "float8 '1e300' * float8 '1e300'",
      "float8 '0' / float8 '5'",
      "float8 'NaN' > float8 '1'",
    ],
    ...[
      "timestamp '1969-12-31 23:59:59.5' + interval '1 month'",
      "timestamp '2024-01-31' - interval '4 seconds'",
      "hour(timestamp '1969-12-31 23:59:59')",
      "CAST(float8 '2.5' AS int8)",
      "CAST(int8 '3000000000' AS int4)",
    ],
    ...[
      "CAST(timestamp '1969-12-31 23:59:59' AS date)",
      "CAST(date '2024-01-01' AS timestamp)",
      "text 'ab' < text 'b'",
      "text 'a' = text 'b'",
      "text '' = text ''",
    ],
  ];
  test.each(cases)('%s', (sql) => {
    const { expression, types, values } = liftLiterals(evaluator.bind(sql));
    const run = (interpreted: boolean): unknown[] => {
      const seen: unknown[] = [];
      const inputColumns = types.map((type, index) => ({ name: `c${index}`, type }));
      const calc = compileCalc({ predicate: null, projections: [expression], inputColumns, functions: evaluator.functions, interpreted });
      const result = calc.run(batchFromRows(types, [values]), evaluator.context, (_row, error) => seen.push(error.code, error.message));
      const value = result === null ? null : readDatum(result.columns[0]!, 0);
      return [...seen, value === null ? null : formatDatum(expression.type, value)];
    };
    expect(run(false)).toEqual(run(true));
  });
});
