import { forwardInput, type KeyedInput, keyedInput, type PhysicalPlan, STATELESS } from '../../plan/physical/index.ts';
import type { AggregateCallSpec } from '../spec/index.ts';
import { combineRowsSpecCodec } from './spec.ts';

/** Aggregates for which one row of weight n is as good as n rows, whatever the rows' order. */
const COUNTING = /^(count\((\*|any)\)|(sum|avg)\(int[248]\)|(min|max)\([^)]*\)) -> /;
const EXTREME = /^(min|max)\(/;

/** True when equal rows may become one with their number as weight. */
export function countsRows(calls: readonly AggregateCallSpec[]): boolean {
  return calls.every((call) => COUNTING.test(call.signature) && call.orderBy.length === 0);
}

/**
 * The input of an aggregation by its first `keyCount` columns. Where rows have to be sent to other slots, rows of a batch that the calls cannot tell
 * apart are combined before: the local phase. Rows that are taken back stay as they are, since an extreme of what is left cannot be known from a part.
 */
export function aggregateKeyedInput(input: PhysicalPlan, keyCount: number, calls: readonly AggregateCallSpec[]): KeyedInput {
  const keys = Array.from({ length: keyCount }, (_, index) => index);
  const plain = keyedInput(input, keys);
  const stays = plain.input.partitioner.kind === 'forward';
  return stays || !input.appendOnly || !countsRows(calls) ? plain : keyedInput(combineRows(input, keyCount, calls), keys);
}

function combineRows(input: PhysicalPlan, keyCount: number, calls: readonly AggregateCallSpec[]): PhysicalPlan {
  const extremes = input.columns.flatMap((_, column) => {
    const signature = column < keyCount ? null : onlyExtreme(column, calls);
    return signature === null ? [] : [{ column, signature }];
  });
  const equal = input.columns.filter((_, column) => !extremes.some((extreme) => extreme.column === column)).map((column) => column.name);
  const kept = extremes.map(({ column, signature }) => `${EXTREME.exec(signature)![1]} ${input.columns[column]!.name}`);
  const { kind, version } = combineRowsSpecCodec;
  return {
    kind: 'operator',
    operator: {
      kind,
      version,
      parameters: combineRowsSpecCodec.encode({ extremes }),
      label: ['Combine rows', ...(equal.length === 0 ? [] : [`by ${equal.join(', ')}`]), ...(kept.length === 0 ? [] : ['·', kept.join(', ')])].join(
        ' ',
      ),
    },
    state: STATELESS,
    inputs: [forwardInput(input)],
    parallelism: input.distribution.kind === 'single' ? 'one' : 'all',
    columns: input.columns,
    appendOnly: true,
    net: false,
    distribution: input.distribution,
    uniqueKeys: [],
    window: input.window,
    latenessMicros: input.latenessMicros,
    eventTimes: input.eventTimes ?? [],
  };
}

/** The min or max that alone reads the column, or null. */
function onlyExtreme(column: number, calls: readonly AggregateCallSpec[]): string | null {
  const readers = calls.filter((call) => call.args.includes(column) || call.filter === column);
  const signatures = new Set(readers.map((call) => call.signature));
  const [signature] = signatures;
  const extreme = readers.every((call) => EXTREME.test(call.signature) && call.filter !== column);
  return signatures.size === 1 && extreme ? signature! : null;
}
