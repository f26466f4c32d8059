import type { Batch } from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import type { GroupedAggregation } from './grouped-aggregation.ts';

/** The state table of an aggregation: keys, number of rows, accumulator state. `loaded` is told which groups a load has brought back. */
export function aggregateState(
  aggregation: GroupedAggregation,
  options: { readonly partitionKeyCount: number; readonly loaded: (groups: Int32Array) => void },
): StateTable {
  return {
    declaration: {
      name: 'groups',
      columns: aggregation.stateTypes,
      keyCount: aggregation.keyTypes.length,
      partitionKeyCount: options.partitionKeyCount,
    },
    collectDirty: () => aggregation.collectDirty(),
    all: () => aggregation.all(),
    load: (rows: Batch) => options.loaded(aggregation.load(rows)),
    sizeBytes: () => aggregation.sizeBytes(),
    keyCount: () => aggregation.index.groupCount,
  };
}

/** A call as users write it, for messages: `sum(price)`. */
export function callText(
  call: { readonly signature: string; readonly args: readonly number[]; readonly distinct: boolean },
  names: readonly string[],
): string {
  const name = call.signature.slice(0, call.signature.indexOf('('));
  const args = call.args.length === 0 ? '*' : call.args.map((arg) => names[arg] ?? `$${arg + 1}`).join(', ');
  return `${name}(${call.distinct ? 'DISTINCT ' : ''}${args})`;
}
