import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { rowsOf } from '../../batch/index.ts';
import { int8Type, type SqlType, textType, timestampType } from '../../types/index.ts';
import { OperatorHarness, RandomChanges, type Row, RowSet } from '../testing/index.ts';
import { sessionAssignFactory } from './operator.ts';
import { type SessionAssignSpec, sessionAssignSpecCodec } from './spec.ts';

const inputs: readonly (readonly SqlType[])[] = [[textType, timestampType, int8Type]];
const GAP = 5n;

function harnessOf(spec: Partial<SessionAssignSpec>, batchRows = 7): OperatorHarness {
  const parameters = sessionAssignSpecCodec.encode({
    timeColumn: 1,
    gapMicros: GAP,
    partitionBy: [0],
    partitionKeyCount: 1,
    mode: 'on-update',
    closedBy: null,
    ...spec,
  });
  return new OperatorHarness(sessionAssignFactory, parameters, { inputs, batchRows });
}

/** Rows with their sessions, found by sorting everything. */
function sessions(rows: readonly Row[]): Row[] {
  const keys = new Map<Row[0], Row[]>();
  for (const row of rows) if (row[1] !== null) keys.set(row[0]!, [...(keys.get(row[0]!) ?? []), row]);
  return [...keys.values()].flatMap((group) => {
    group.sort((left, right) => Number((left[1] as bigint) - (right[1] as bigint)));
    const found: Row[][] = [];
    for (const row of group) {
      const last = found.at(-1)?.at(-1);
      if (last !== undefined && (row[1] as bigint) - (last[1] as bigint) <= GAP) found.at(-1)!.push(row);
      else found.push([row]);
    }
    return found.flatMap((session) => {
      const end = (session.at(-1)![1] as bigint) + GAP;
      return session.map((row) => [...row, session[0]![1]!, end, end - 1000n]);
    });
  });
}

function lines(rows: readonly Row[]): string[] {
  const set = new RowSet();
  for (const row of rows) set.add(row, 1);
  return set.lines();
}

const at = (time: number, value = 1n, key: string | null = 'a'): Row => [key, BigInt(time), value];

describe('on update', () => {
  test('a row between two sessions joins them, and its retraction splits them again', () => {
    const harness = harnessOf({});
    harness.rows(0, [at(0), at(10)]);
    expect(harness.barrier(true)).toEqual(lines(sessions([at(0), at(10)])));
    harness.rows(0, [at(5)]);
    harness.barrier(true);
    expect(harness.content.lines()).toEqual([
      '["a","0n","1n","0n","15n","-985n"]',
      '["a","10n","1n","0n","15n","-985n"]',
      '["a","5n","1n","0n","15n","-985n"]',
    ]);
    harness.restart();
    harness.rows(0, [at(5)], [-1]);
    harness.barrier(true);
    expect(harness.content.lines()).toEqual(lines(sessions([at(0), at(10)])));
  });

  test('a step of exactly the gap links, one more does not; NULL and infinity lie in no session', () => {
    const harness = harnessOf({});
    harness.rows(0, [at(0), at(5), at(11), ['a', null, 1n], ['a', 2n ** 63n - 1n, 1n]]);
    harness.barrier();
    expect(harness.content.lines()).toEqual(lines(sessions([at(0), at(5), at(11)])));
    harness.rows(0, [['a', null, 1n]], [-1]);
    expect(harness.barrier()).toEqual([]);
  });

  test.each([1, 2, 3])('equals the answer from nothing at every epoch under random changes and restarts (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const make = (source: Random): Row => [
      ['a', 'b', null][source.nextInt(3)]!,
      source.nextInt(12) === 0 ? null : BigInt(source.nextInt(120)),
      BigInt(source.nextInt(2)),
    ];
    const changes = new RandomChanges(random, make);
    const harness = harnessOf({});
    for (let epoch = 0; epoch < 80; epoch++) {
      const { rows, weights } = changes.next(random.nextInt(8));
      harness.rows(0, rows, weights);
      const checkpoint = random.nextInt(3) === 0;
      harness.barrier(checkpoint);
      expect(harness.content.lines(), `epoch ${epoch}`).toEqual(lines(sessions(changes.present)));
      if (checkpoint && random.nextInt(2) === 0) harness.restart();
    }
    harness.rows(
      0,
      changes.present,
      changes.present.map(() => -1),
    );
    harness.barrier(true);
    expect(harness.content.lines()).toEqual([]);
    expect(harness.savedRows('rows')).toBe(0);
  });

  test('rows of sessions behind the watermark are forgotten and stay shown; a row at the end of a session still joins it', () => {
    const harness = harnessOf({ closedBy: { clock: 'watermark', latenessMicros: 2n } });
    harness.rows(0, [at(0), at(20)]);
    harness.watermark(7n);
    harness.barrier(true);
    expect(harness.savedRows('rows')).toBe(2);
    harness.rows(0, [at(5)]);
    harness.watermark(13n);
    harness.barrier(true);
    expect(harness.savedRows('rows')).toBe(1);
    harness.watermark(2n ** 63n - 1n);
    harness.barrier(true);
    expect(harness.savedRows('rows')).toBe(0);
    expect(harness.content.lines()).toEqual(lines(sessions([at(0), at(5), at(20)])));
  });
});

describe('on window close', () => {
  test.each([4, 5])('each row comes once, when no row can reach its session any more (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const harness = harnessOf({ mode: 'on-window-close', closedBy: { clock: 'watermark', latenessMicros: 3n } }, 3);
    const all: Row[] = [];
    for (let epoch = 0; epoch < 60; epoch++) {
      const bound = Math.max(0, epoch * 4 - 3);
      const rows: Row[] = Array.from({ length: random.nextInt(5) }, () =>
        at(bound + random.nextInt(14), BigInt(random.nextInt(3)), ['a', 'b'][random.nextInt(2)]!),
      );
      all.push(...rows);
      harness.rows(0, rows);
      harness.watermark(BigInt(epoch * 4 + 4));
      const checkpoint = random.nextInt(3) === 0;
      harness.barrier(checkpoint);
      expect(harness.emitted.every((batch) => batch.weights === null || rowsOf(batch).every((_, row) => batch.weights![row]! > 0))).toBe(true);
      const closed = sessions(all).filter((row) => (row[4] as bigint) < BigInt(epoch * 4 + 1));
      expect(harness.content.lines(), `epoch ${epoch}`).toEqual(lines(closed));
      if (checkpoint && random.nextInt(2) === 0) harness.restart();
    }
  });
});
