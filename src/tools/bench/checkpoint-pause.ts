import { Batch, FixedColumn } from '../../batch/index.ts';
import { operatorFactories } from '../../operators/operator-factories.ts';
import { testEnvironment } from '../../operators/testing/index.ts';
import { encodeSnapshot } from '../../runtime/state/index.ts';

const BATCH_ROWS = 4096;
const SIGNATURES = ['count(*) -> int8', 'max(int8) -> int8'] as const;

/** Milliseconds of one checkpoint: the longest time at a stretch in which the slot does nothing else, and all of it. */
export interface CheckpointPause {
  readonly longestMs: number;
  readonly totalMs: number;
}

/**
 * Checkpoints of an aggregation in which `keys` groups have changed since the last one: collecting the rows at the barrier, then, behind it and between the steps of
 * tasks, grouping and encoding them.
 */
export function checkpointPauses(keys: number, rounds: number): CheckpointPause[] {
  const { environment, observed } = testEnvironment({ inputs: [[{ kind: 'int8' }, { kind: 'int8' }]], appendOnly: true, batchRows: BATCH_ROWS });
  const factory = operatorFactories.find((one) => one.kind === 'hash-aggregate')!;
  const calls = SIGNATURES.map((signature, index) => ({
    signature,
    args: index === 0 ? [] : [1],
    distinct: false,
    filter: null,
    orderBy: [],
    type: { kind: 'int8' },
  }));
  const parameters = { keys: [0], partitionKeyCount: 1, calls };
  const spec = {
    operatorId: 'aggregate',
    kind: factory.kind,
    version: factory.version,
    parameters,
    outputColumns: [],
    outputAppendOnly: false,
    label: '',
  };
  const operator = factory.create(parameters, environment, spec);
  const table = observed.tables[0]!;
  const pauses: CheckpointPause[] = [];
  for (let round = 1; round <= rounds; round++) {
    const out = { emit: () => undefined };
    for (let from = 0; from < keys; from += BATCH_ROWS) operator.processBatch(0, batchOf(from, Math.min(keys, from + BATCH_ROWS), round), out);
    operator.processBarrier?.({ kind: 'barrier', epoch: round, timestampMicros: 0n, checkpoint: true, last: false }, out);
    const begin = performance.now();
    const { upserts, deletes } = table.collectDirty(round);
    const tables = [{ operatorId: 'aggregate', declaration: table.declaration, upserts, deletes }];
    const parts = [performance.now() - begin];
    const encoding = encodeSnapshot({ epoch: round, tables }, { maxParallelism: environment.maxParallelism, owned: environment.keyGroups });
    for (let done = false; !done; ) {
      const partBegin = performance.now();
      done = encoding.next().done === true;
      parts.push(performance.now() - partBegin);
    }
    pauses.push({ longestMs: Math.max(...parts), totalMs: parts.reduce((sum, part) => sum + part, 0) });
    if (upserts.rowCount !== keys) throw new Error(`${upserts.rowCount} rows instead of ${keys}`);
  }
  return pauses;
}

function batchOf(from: number, to: number, value: number): Batch {
  const column = (make: (row: number) => bigint): FixedColumn => {
    const made = new FixedColumn({ kind: 'int8' }, new Float64Array(to - from), null);
    for (let row = 0; row < to - from; row++) made.i64[row] = make(row);
    return made;
  };
  return new Batch(to - from, [column((row) => BigInt(from + row) * 7n), column(() => BigInt(value))]);
}
