import { describe, expect, test } from 'vitest';
import { SqlError, SqlState } from '../../base/index.ts';
import { type Batch, columnFromDatums } from '../../batch/index.ts';
import type { Expression, FunctionLookup } from '../../expr/index.ts';
import { formats } from '../../formats/index.ts';
import type { ConnectorDefinition, SourceChunk, SourceOperator, Split, SplitCut, SplitVerdicts } from '../../spi/index.ts';
import { int4Type, int8Type, rowOf, type SqlType, textType, timestampType } from '../../types/index.ts';
import { RowSet, testEnvironment } from '../testing/index.ts';
import { sourceFactory } from './operator.ts';
import { type SourceSpec, sourceSpecCodec } from './spec.ts';

/** Messages of one split from a position on, in chunks of three, ignoring limits: the operator has to cut chunks. */
function connectorOf(messages: readonly string[]): ConnectorDefinition {
  return {
    name: 'test',
    description: '',
    options: [],
    metadata: [],
    sink: null,
    source: {
      needsFormat: true,
      bounded: () => true,
      listSplits: async () => [],
      createReader: () => {
        let position = 0;
        let before: SourceChunk | null = null;
        return {
          poll: (_rowsMax, limit) => {
            // As a reader may that says so: what was there before is gone.
            before?.messages?.data.fill(0x23);
            if (position >= Math.min(limit('p0'), messages.length)) return null;
            const chunk = chunkOf(messages.slice(position, position + 3), position);
            position = chunk.nextPosition;
            before = chunk;
            return chunk;
          },
          addSplit: (_split, from) => {
            position = from;
          },
          removeSplit: () => undefined,
          status: () => [{ split: 'p0', endPosition: messages.length, finished: position >= messages.length }],
          problem: () => null,
          close: async () => undefined,
        };
      },
    },
  };
}

function chunkOf(texts: readonly string[], position: number): SourceChunk {
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  const data = new Uint8Array(encoded.reduce((sum, bytes) => sum + bytes.length, 0));
  const starts = new Int32Array(texts.length);
  const ends = new Int32Array(texts.length);
  let at = 0;
  encoded.forEach((bytes, index) => {
    data.set(bytes, at);
    starts[index] = at;
    at += bytes.length;
    ends[index] = at;
  });
  return {
    split: 'p0',
    nextPosition: position + texts.length,
    rowCount: texts.length,
    positions: Float64Array.from(texts, (_, index) => position + index),
    messages: { count: texts.length, data, starts, ends, reused: true },
    keys: null,
    columns: null,
    weights: null,
    timestampsMs: null,
    // Made when asked for, as a real connector does.
    metadata: {
      get: (key) =>
        key === 'partition'
          ? columnFromDatums(
              int4Type,
              texts.map(() => 0),
            )
          : undefined,
    },
  };
}

const double: Expression = {
  kind: 'call',
  signature: 'double(int8) -> int8',
  args: [{ kind: 'column', index: 0, name: 'a', type: int8Type }],
  type: int8Type,
};

const functions: FunctionLookup = {
  function: (signature) => ({
    name: 'double',
    signature,
    argumentTypes: [int8Type],
    resultType: int8Type,
    volatility: 'immutable',
    fallible: true,
    description: '',
    examples: [],
    family: 'math',
    evaluate: ([value]) => {
      if (value === 666n) throw new SqlError({ code: SqlState.numericValueOutOfRange, message: 'bigint out of range' });
      return (value as bigint) * 2n;
    },
  }),
  cast: () => {
    throw new Error('no casts');
  },
};

const nested: SqlType = rowOf([
  { name: 'x', type: int8Type },
  { name: 'y', type: textType },
]);

const spec: SourceSpec = {
  relation: '1',
  name: 's',
  connector: 'test',
  format: 'json',
  options: new Map(),
  columns: [
    { name: 'a', externalName: 'a', type: int8Type, nullable: false, origin: { kind: 'physical' } },
    { name: 'ts', externalName: 'ts', type: timestampType, nullable: true, origin: { kind: 'physical' } },
    { name: 'r', externalName: 'r', type: nested, nullable: true, origin: { kind: 'physical' } },
    { name: 'off', externalName: 'off', type: int8Type, nullable: true, origin: { kind: 'metadata', key: 'offset' } },
    { name: 'b', externalName: 'b', type: int8Type, nullable: true, origin: { kind: 'computed', expression: double } },
    { name: 'part', externalName: 'part', type: int4Type, nullable: true, origin: { kind: 'metadata', key: 'partition' } },
  ],
  key: null,
  changesOf: null,
  watermark: { column: 1, delayMicros: 2_000_000n, latenessMicros: 1_000_000n },
  onError: 'store',
  futureSkewMicros: 3_600_000_000n,
  deadLetterBytesMax: 1 << 20,
  deadLetterAgeMaxMs: 60_000,
};

const split: Split = { id: 'p0', parameters: {}, start: 0, end: null };
const start: SplitCut = { split: 'p0', position: 0, maxEventMicros: null, floorMicros: null, idle: false, finished: false, future: [] };

function open(messages: readonly string[], from: SplitCut = start, changes: Partial<SourceSpec> = {}) {
  const { environment, observed } = testEnvironment({ inputs: [], functions, connectors: [connectorOf(messages)], formats });
  const parameters = sourceSpecCodec.encode({ ...spec, ...changes });
  const operatorSpec = { operatorId: 's', kind: 'source', version: 1, parameters, outputColumns: [], outputAppendOnly: true, label: '' };
  const source = sourceFactory.createSource(parameters, environment, operatorSpec);
  source.assign([{ split, from }]);
  return { source, observed };
}

function drain(source: SourceOperator): { readonly lines: string[]; readonly last: string } {
  const batches: Batch[] = [];
  const out = { emit: (batch: Batch) => batches.push(batch), wantsAside: () => false, setAside: () => undefined };
  let result = source.poll(100, out);
  while (result === 'progress') result = source.poll(100, out);
  const rows = new RowSet();
  for (const batch of batches) rows.addBatch(batch);
  return { lines: rows.lines(), last: result };
}

const at = (second: number, a: number | string = second): string =>
  `{"a": ${a}, "ts": "1970-01-01 00:00:${String(second).padStart(2, '0')}", "r": {"x": ${second}, "y": "t"}}`;

function scan(observed: ReturnType<typeof open>['observed'], kind: 'bad' | 'late', columns: readonly number[]): string[] {
  const rows = new RowSet();
  const batches = observed.relations.get(`${kind}:1`)!.scan(0, { columns });
  for (let next = batches.next(); !next.done; next = batches.next()) rows.addBatch(next.value);
  return rows.lines();
}

test('decodes, adds metadata and computed columns, ends when its splits do', () => {
  const { source } = open([at(1), at(2)]);
  expect(drain(source)).toEqual({
    lines: ['["1n","1000000n",{"fields":["1n","t"]},"0n","2n",0]', '["2n","2000000n",{"fields":["2n","t"]},"1n","4n",0]'],
    last: 'finished',
  });
  expect(source.cut()).toEqual([{ ...start, position: 2, maxEventMicros: 2_000_000n, finished: true }]);
});

test('bad rows are kept with position, reason and bytes, whatever columns are wanted', () => {
  const messages = ['{"a": 1', '{"ts": null}', at(1, 666), at(2), '{"a": 2, "ts": "1971-01-01 00:00:00"}', '{"a": 3, "r": {"x": "no number"}}'];
  for (const fields of [[[0]], [[0], [2, 0]], [[5]]]) {
    const { source, observed } = open(messages);
    source.setFields(fields);
    expect(drain(source).lines.length).toBe(1);
    expect(scan(observed, 'bad', [1]), JSON.stringify(fields)).toEqual(['["0n"]', '["1n"]', '["2n"]', '["4n"]', '["5n"]']);
  }
  const { observed, source } = open(messages);
  drain(source);
  expect(scan(observed, 'bad', [0, 1, 2])).toContain('["p0","2n","bigint out of range"]');
  expect(scan(observed, 'bad', [1, 2])).toContain('["4n","event time too far in the future"]');
});

test('on_error fail stops with the position, skip goes on without a trace', () => {
  const failing = open(['nonsense'], start, { onError: 'fail' });
  expect(() => drain(failing.source)).toThrow('cannot read "s" at position 0 of p0');
  const skipping = open(['nonsense', at(1)], start, { onError: 'skip' });
  expect(drain(skipping.source).lines.length).toBe(1);
  expect(scan(skipping.observed, 'bad', [0])).toEqual([]);
});

describe('lateness', () => {
  // Bound 2 s, lateness 1 s: late iff more than 3 s behind the largest time before the row.
  const messages = [at(10), at(7), at(6), at(12), at(9), at(8)];

  test('is decided by the prefix of the split; late rows are kept whole', () => {
    const { source, observed } = open(messages);
    source.setFields([[0]]);
    expect(drain(source).lines).toEqual(['["10n"]', '["12n"]', '["7n"]', '["9n"]']);
    expect(scan(observed, 'late', [0, 2, 4, 6, 7])).toEqual([
      '["6n",{"fields":["6n","t"]},"12n","p0","2n"]',
      '["8n",{"fields":["8n","t"]},"16n","p0","5n"]',
    ]);
  });

  test('is the same wherever epochs are cut and after every restart', () => {
    const whole = drain(open(messages).source).lines;
    for (let cut = 1; cut < messages.length; cut++) {
      const first = open(messages);
      first.source.limit(new Map([['p0', cut]]), null);
      const before = drain(first.source);
      expect(first.source.limitReached()).toBe(true);
      const position = first.source.cut()[0]!;
      expect(position.position).toBe(cut);
      const after = drain(open(messages, position).source);
      expect([...before.lines, ...after.lines].sort(), `cut ${cut}`).toEqual(whole);
      first.source.limit(null, null);
      expect([...before.lines, ...drain(first.source).lines].sort(), `cut ${cut}, same instance`).toEqual(whole);
    }
  });

  test('a split that was idle takes the watermark as its floor', () => {
    const { source } = open([at(5), at(8)]);
    source.watermarkDecided(8_500_000n, new Set(['p0']));
    expect(source.cut()[0]!.floorMicros).toBe(8_500_000n);
    expect(drain(source).lines.length).toBe(1);
  });
});

describe('a row too far in the future', () => {
  // The clock of these tests stands at 0.
  const messages = [at(10), at(41), at(12), at(45), at(50), at(13)];
  const guarded = (futureSkewMicros: bigint) => open(messages, start, { futureSkewMicros });
  const judgedBefore = (verdicts: SplitVerdicts) => [new Map([['p0', messages.length]]), new Map([['p0', verdicts]])] as const;

  test('is bad, tells the next cut so, and is judged alike by whoever reads it again', () => {
    const { source, observed } = guarded(40_000_000n);
    const { lines } = drain(source);
    expect(lines.length).toBe(3);
    expect(scan(observed, 'bad', [1])).toEqual(['["1n"]', '["3n"]', '["4n"]']);
    const { future } = source.cut()[0]!;
    expect(future.map(({ from, to }) => [from, to])).toEqual([
      [1, 2],
      [3, 5],
    ]);
    expect(source.cut()[0]!.future).toEqual([]);
    // As if read an hour later: none of them is in the future any more.
    const later = guarded(3_600_000_000n).source;
    later.limit(...judgedBefore({ floors: [], future }));
    expect(drain(later).lines).toEqual(lines);
    expect(later.cut()[0]!.future).toEqual([]);
  });

  test('is a row where it was one, whatever the clock says now', () => {
    const { source } = guarded(0n);
    source.limit(...judgedBefore({ floors: [], future: [] }));
    expect(
      drain(source)
        .lines.map((line) => line.slice(0, 6))
        .sort(),
    ).toEqual(['["10n"', '["41n"', '["45n"', '["50n"']);
  });

  test('floors hold from their position on', () => {
    const { source } = open([at(5), at(6), at(7), at(8)]);
    source.limit(new Map([['p0', 4]]), new Map([['p0', { floors: [{ position: 2, micros: 8_500_000n }], future: [] }]]));
    expect(drain(source).lines.length).toBe(3);
  });
});

test('a field of a row value is read by its path', () => {
  const { source } = open([at(1), '{"a": 2, "r": null}']);
  source.setFields([[2, 1], [0]]);
  expect(drain(source).lines).toEqual(['["t","1n"]', '[null,"2n"]']);
});

test('texts outlive the messages they were read from', () => {
  const messages = ['one', 'two', 'three', 'four', 'five'];
  const columns = [{ name: 'line', externalName: 'line', type: textType, nullable: false, origin: { kind: 'physical' } }] as const;
  const { source } = open(messages, start, { columns, format: 'raw', watermark: null });
  expect(drain(source).lines).toEqual(messages.map((text) => JSON.stringify([text])).sort());
});

test('bad rows survive a restart through their state table', () => {
  const { source, observed } = open(['nonsense', at(1)]);
  drain(source);
  const table = observed.tables.find((candidate) => candidate.declaration.name === 'bad rows by time')!;
  const saved = table.collectDirty(1).upserts;
  expect(table.collectDirty(2).upserts.rowCount).toBe(0);
  const restored = open([]);
  restored.observed.tables.find((candidate) => candidate.declaration.name === 'bad rows by time')!.load(saved);
  expect(scan(restored.observed, 'bad', [0, 1])).toEqual(['["p0","0n"]']);
});
