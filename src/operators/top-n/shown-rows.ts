import type { OrderedRow } from '../ordering/index.ts';
import type { TopNSpec } from './spec.ts';

/** A row as it is shown: how often, and under which number (0 when numbers are not shown). */
export interface ShownRow {
  readonly row: OrderedRow;
  readonly number: number;
  count: number;
}

export interface ShownRows {
  readonly rows: readonly ShownRow[];
  /** Place in the order from which on no row is shown, nor ever will be while nothing before it goes. */
  readonly end: number;
}

type Numbers = Pick<TopNSpec, 'ranking' | 'from' | 'to' | 'offset' | 'numbered'>;

/** What a partition shows, in its order. */
export function shownRows(order: readonly OrderedRow[], spec: Numbers, isPeer: (left: OrderedRow, right: OrderedRow) => boolean): ShownRows {
  return spec.ranking === 'row-number' ? byPosition(order, spec) : byRank(order, spec, isPeer);
}

function byPosition(order: readonly OrderedRow[], { from, to, offset, numbered }: Numbers): ShownRows {
  const rows: ShownRow[] = [];
  const first = Math.max(from - 1, offset);
  const end = to ?? Number.POSITIVE_INFINITY;
  let position = 0;
  let at = 0;
  for (; at < order.length && position < end; at++) {
    const row = order[at]!;
    const start = Math.max(position, first);
    position += row.count;
    const count = Math.min(position, end) - start;
    if (count <= 0) continue;
    if (!numbered) rows.push({ row, number: 0, count });
    else for (let copy = 1; copy <= count; copy++) rows.push({ row, number: start + copy, count: 1 });
  }
  return { rows, end: at };
}

function byRank(order: readonly OrderedRow[], spec: Numbers, isPeer: (left: OrderedRow, right: OrderedRow) => boolean): ShownRows {
  const { ranking, from, to, offset, numbered } = spec;
  const rows: ShownRow[] = [];
  const last = to ?? Number.POSITIVE_INFINITY;
  let position = 0;
  let rank = 0;
  let group = 0;
  let at = 0;
  for (; at < order.length; at++) {
    const row = order[at]!;
    if (at === 0 || !isPeer(order[at - 1]!, row)) {
      rank = position + 1;
      group++;
    }
    const number = ranking === 'rank' ? rank : group;
    if (number > last) break;
    const count = Math.min(row.count, position + row.count - offset);
    position += row.count;
    if (number >= from && count > 0) rows.push({ row, number: numbered ? number : 0, count });
  }
  return { rows, end: at };
}
