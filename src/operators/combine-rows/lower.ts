import { forwardInput, type KeyedInput, keyedInput, type PhysicalPlan, STATELESS } from '../../plan/physical/index.ts';
import type { AggregateCallSpec } from '../spec/index.ts';
import { combineRowsSpecCodec } from './spec.ts';

const EXTREME = /^(min|max)\(/;

export interface AggregateKeyedInput extends KeyedInput {
  /** The rows have been combined: what follows is the global phase. */
  readonly combined: boolean;
}

/**
 * The input of an aggregation by its first `keyCount` columns. Where it may have a local phase (the rule aggregate-in-two-phases), rows are only added and have to be
 * sent to other slots, the rows of a batch that the calls cannot tell apart are combined before.
 */
export function aggregateKeyedInput(
  input: PhysicalPlan,
  keyCount: number,
  { calls, local }: { calls: readonly AggregateCallSpec[]; local: boolean },
): AggregateKeyedInput {
  const keys = Array.from({ length: keyCount }, (_, index) => index);
  const plain = keyedInput(input, keys);
  const combined = local && input.appendOnly && plain.input.partitioner.kind !== 'forward';
  return combined ? { ...keyedInput(combinedRows(input, keyCount, calls), keys), combined } : { ...plain, combined };
}

/** Rows that are only added, with those of a batch that the calls cannot tell apart made one. */
export function combinedRows(input: PhysicalPlan, keyCount: number, calls: readonly AggregateCallSpec[]): PhysicalPlan {
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
      label: ['LocalAggregate', ...(equal.length === 0 ? [] : [`by ${equal.join(', ')}`]), ...(kept.length === 0 ? [] : ['·', kept.join(', ')])].join(
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
