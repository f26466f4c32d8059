import type { AggregateDefinition } from '../../spi/index.ts';
import type { Datum } from '../../types/index.ts';
import { multiset } from './collection.ts';
import { defineAggregate } from './define-aggregate.ts';
import type { EntryOrder, MultisetEntry } from './entry-order.ts';
import { float8Type, int8Type } from './float-slots.ts';

/** Where the row of direct arguments would stand among the rows of a group. */
interface Place {
  /** Rows before it, its peers not counted. */
  readonly before: number;
  /** Groups of peers before it. */
  readonly groupsBefore: number;
  readonly peers: number;
  readonly rows: number;
}

const rows = 'FROM (VALUES (1), (3), (3), (5)) AS t(x)';

/** Hypothetical-set aggregates (PostgreSQL, "Hypothetical-Set Aggregate Functions"). */
export const hypotheticalAggregates: readonly AggregateDefinition[] = [
  hypothetical('rank', 'rank of the row of arguments among those of the group', '4', ({ before }) => BigInt(before + 1)),
  hypothetical('dense_rank', 'rank without gaps of the row of arguments among those of the group', '3', ({ groupsBefore }) =>
    BigInt(groupsBefore + 1),
  ),
  hypothetical('percent_rank', 'relative rank of the row of arguments, from 0 to 1', '0.75', ({ before, rows: count }) =>
    count === 0 ? 0 : before / count,
  ),
  hypothetical('cume_dist', 'share of rows up to the row of arguments', '0.8', (place) => (place.before + place.peers + 1) / (place.rows + 1)),
];

function hypothetical(name: string, description: string, result: string, value: (place: Place) => Datum): AggregateDefinition {
  const type = typeof value({ before: 0, groupsBefore: 0, peers: 0, rows: 0 }) === 'bigint' ? int8Type : float8Type;
  return {
    ...defineAggregate({
      name,
      argumentTypes: [],
      resultType: type,
      resultName: type.kind,
      description,
      examples: [{ sql: `SELECT ${name}(4) WITHIN GROUP (ORDER BY x) ${rows}`, result }],
      orderedSet: 'hypothetical',
      keepsValues: 'always',
      create: (options) => multiset(options, { skip: () => false, finish: (entries, order) => value(placeOf(entries, order)) }),
    }),
    signature: `${name}(variadic any) -> ${type.kind}`,
  };
}

function placeOf(entries: readonly MultisetEntry[], order: EntryOrder): Place {
  let [before, groupsBefore, peers, count] = [0, 0, 0, 0];
  const [first] = entries;
  if (first === undefined) return { before, groupsBefore, peers, rows: count };
  // Arguments come first and are the same in every row; the ordered values of the row follow.
  const direct = first.args.slice(0, first.args.length / 2);
  const wanted: MultisetEntry = { args: [...direct, ...direct], count: 1 };
  let previous: MultisetEntry | null = null;
  for (const entry of entries) {
    count += entry.count;
    const side = order.comparePeers(entry, wanted);
    if (side === 0) peers += entry.count;
    if (side >= 0) continue;
    before += entry.count;
    if (previous === null || order.comparePeers(previous, entry) !== 0) groupsBefore++;
    previous = entry;
  }
  return { before, groupsBefore, peers, rows: count };
}
