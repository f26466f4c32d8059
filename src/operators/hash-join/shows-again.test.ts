import { describe, test } from 'vitest';
import { type Random, SqlError, SqlState } from '../../base/index.ts';
import { int4Type, type SqlType } from '../../types/index.ts';
import { expectShownAgain, type Row, testCondition } from '../testing/index.ts';
import { hashJoinFactory } from './operator.ts';
import { type HashJoinSpec, hashJoinSpecCodec } from './spec.ts';

/** A key, a value. */
const types: readonly SqlType[] = [int4Type, int4Type];

const { functions, over } = testCondition([int4Type, int4Type], ([left, right]) => {
  if (left === 7 && right === 7) throw new SqlError({ code: SqlState.divisionByZero, message: 'division by zero' });
  return left !== right;
});

const makeRow = (random: Random): Row => [random.nextInt(40), random.nextInt(9)];

function parametersOf(joinType: HashJoinSpec['joinType'], { keyed, tested }: { readonly keyed: boolean; readonly tested: boolean }) {
  const keys = keyed ? [0] : [];
  const residual = tested ? over(1, 3) : null;
  return hashJoinSpecCodec.encode({
    joinType,
    leftKeys: keys,
    rightKeys: keys,
    residual,
    expiry: [null, null],
    latenessMicros: 0n,
    broadcast: null,
  });
}

describe.each(['inner', 'left', 'right', 'full', 'semi', 'anti', 'single'] as const)('a %s join', (joinType) => {
  test.each([
    { keyed: true, tested: false, appendOnly: false },
    { keyed: true, tested: true, appendOnly: false },
    { keyed: false, tested: true, appendOnly: false },
    { keyed: true, tested: false, appendOnly: true },
    { keyed: true, tested: true, appendOnly: true },
  ])('whose reader begins anew shows all it has shown, with what has come since: %o', ({ appendOnly, ...conditions }) => {
    for (const seed of [1, 2]) {
      const environment = { inputs: [types, types], functions, appendOnly };
      expectShownAgain(hashJoinFactory, parametersOf(joinType, conditions), { environment, seed, makeRow: [makeRow, makeRow] });
    }
  });
});
