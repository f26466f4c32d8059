import { expect, test } from 'vitest';
import { int4Type, textType } from '../../types/index.ts';
import { OperatorHarness } from '../testing/index.ts';
import { expandFactory } from './operator.ts';
import { expandSpecCodec } from './spec.ts';

test('every row comes once for each set, with its weight and without the keys the set leaves out', () => {
  const sets = [[0, 1], [1], []];
  const harness = new OperatorHarness(expandFactory, expandSpecCodec.encode({ keyCount: 2, sets }), { inputs: [[int4Type, textType, int4Type]] });
  const rows = [
    [1, 'x', 7],
    [null, 'y', 8],
  ];
  harness.rows(0, rows, [2, -1]);
  expect(harness.barrier()).toEqual([
    '[1,"x",0,7] x2',
    '[null,"x",1,7] x2',
    '[null,"y",0,8] x-1',
    '[null,"y",1,8] x-1',
    '[null,null,2,7] x2',
    '[null,null,2,8] x-1',
  ]);
});
