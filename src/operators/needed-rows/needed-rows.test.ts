import { expect, test } from 'vitest';
import { SqlError, SqlState } from '../../base/index.ts';
import { int8Type } from '../../types/index.ts';
import { OperatorHarness, testCondition } from '../testing/index.ts';
import { neededRowsFactory } from './operator.ts';
import { neededRowsSpecCodec } from './spec.ts';

test('rows go through until there are enough, which is said once', () => {
  const parameters = neededRowsSpecCodec.encode({ predicate: null, enough: 3 });
  const harness = new OperatorHarness(neededRowsFactory, parameters, { inputs: [[int8Type]], appendOnly: true });
  harness.rows(0, [[1n], [2n]]);
  expect(harness.barrier()).toEqual(['["1n"]', '["2n"]']);
  expect(harness.observed.enough).toBe(0);
  harness.rows(0, [[3n], [4n], [5n]]);
  expect(harness.barrier()).toEqual(['["3n"]']);
  expect(harness.observed.enough).toBe(1);
  harness.rows(0, [[6n]]);
  expect(harness.barrier()).toEqual([]);
  expect(harness.observed.enough).toBe(1);
});

test('rows whose condition cannot be computed are needed, those for which it is false or NULL are not', () => {
  const even = testCondition([int8Type], ([value]) => {
    if (value === 0n) throw new SqlError({ code: SqlState.divisionByZero, message: 'division by zero' });
    return (value as bigint) % 2n === 0n;
  });
  const parameters = neededRowsSpecCodec.encode({ predicate: even.over(0), enough: null });
  const harness = new OperatorHarness(neededRowsFactory, parameters, { inputs: [[int8Type]], functions: even.functions });
  harness.rows(0, [[1n], [2n], [0n], [null], [4n]], [1, 1, -2, 1, -1]);
  expect(harness.barrier()).toEqual(['["0n"] x-2', '["2n"]', '["4n"] x-1']);
  expect(harness.observed.rowErrors).toEqual([]);
  expect(harness.observed.enough).toBe(0);
});
