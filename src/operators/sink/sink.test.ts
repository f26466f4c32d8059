import { expect, test } from 'vitest';
import type { Batch, Epoch } from '../../batch/index.ts';
import type { ConnectorDefinition } from '../../spi/index.ts';
import { int4Type, textType } from '../../types/index.ts';
import { OperatorHarness, RowSet } from '../testing/index.ts';
import { sinkFactory } from './operator.ts';
import { sinkSpecCodec } from './spec.ts';

interface Written {
  readonly epoch: Epoch;
  readonly lines: string[];
}

function recordingConnector(written: Written[]): ConnectorDefinition {
  return {
    name: 'record',
    description: '',
    options: [],
    metadata: [],
    source: null,
    sink: {
      needsFormat: false,
      delivery: () => 'none',
      acceptsUpdates: 'always',
      check: async () => undefined,
      createWriter: () => ({
        ready: () => true,
        write: (epoch: Epoch, batch: Batch) => {
          const rows = new RowSet();
          rows.addBatch(batch);
          written.push({ epoch, lines: rows.lines() });
        },
        flushed: () => true,
        prepare: () => null,
        commit: async () => undefined,
        recover: async () => undefined,
        close: async () => undefined,
      }),
    },
  };
}

function harnessOf(
  key: readonly number[] | null,
  appendOnly: boolean,
  net = false,
): { readonly harness: OperatorHarness; readonly written: Written[] } {
  const written: Written[] = [];
  const parameters = sinkSpecCodec.encode({ name: 'out', connector: 'record', options: new Map(), key, changes: false, appends: false, net });
  const connectors = [recordingConnector(written)];
  return {
    harness: new OperatorHarness(sinkFactory, parameters, { inputs: [[int4Type, textType]], connectors, appendOnly, batchRows: 100 }),
    written,
  };
}

test('rows that are only added leave at once', () => {
  const { harness, written } = harnessOf(null, true);
  harness.rows(0, [[1, 'a']]);
  expect(written.map((entry) => entry.lines)).toEqual([['[1,"a"]']]);
});

test('a change that is net already is written as it came, at the barrier', () => {
  const { harness, written } = harnessOf(null, false, true);
  harness.rows(0, [[2, 'old']], [-1]);
  harness.rows(0, [[1, 'new']]);
  expect(written).toEqual([]);
  harness.barrier();
  expect(written.map((entry) => entry.lines)).toEqual([['[2,"old"] x-1'], ['[1,"new"]']]);
});

test('an upsert key gives one record a key and epoch: the new row, or the retraction where there is none', () => {
  const { harness, written } = harnessOf([0], false);
  harness.rows(
    0,
    [
      [1, 'old'],
      [1, 'between'],
      [2, 'gone'],
      [1, 'new'],
      [3, 'never'],
    ],
    [-1, 1, -1, 1, 1],
  );
  harness.rows(
    0,
    [
      [1, 'between'],
      [3, 'never'],
    ],
    [-1, -1],
  );
  harness.barrier();
  expect(written).toEqual([{ epoch: 1, lines: ['[1,"new"]', '[2,"gone"] x-1'] }]);
});

test('without a key an epoch leaves as its net', () => {
  const { harness, written } = harnessOf(null, false);
  harness.rows(
    0,
    [
      [1, 'a'],
      [1, 'a'],
      [2, 'b'],
      [2, 'b'],
    ],
    [1, 1, 1, -1],
  );
  harness.barrier();
  expect(written).toEqual([{ epoch: 1, lines: ['[1,"a"] x2'] }]);
});
