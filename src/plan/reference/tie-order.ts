import { columnFromDatums, sortRows } from '../../batch/index.ts';
import type { Field } from '../logical/index.ts';
import { BREATH, type Steps } from './pieces.ts';
import type { Row } from './row.ts';

/**
 * Brings rows that a sort left equal into the one order every evaluation agrees on: by their columns from left to right, each by its stored form
 * (integers and floats by value, everything else by bytes, NULL last). `isPeer`: the items are equal under the sort.
 */
export function* orderTies<Item extends { readonly row: Row }>(
  sorted: Item[],
  isPeer: (left: Item, right: Item) => boolean,
  fields: readonly Field[],
): Steps<void> {
  let start = 0;
  for (let at = 1; at <= sorted.length; at++) {
    if (at < sorted.length && isPeer(sorted[start]!, sorted[at]!)) continue;
    if (at - start > 1) {
      const tied = sorted.slice(start, at);
      const columns = fields.map((field, index) =>
        columnFromDatums(
          field.type,
          tied.map(({ row }) => row[index] ?? null),
        ),
      );
      sortRows(
        columns,
        Int32Array.from(tied, (_, index) => index),
      ).forEach((from, index) => {
        sorted[start + index] = tied[from]!;
      });
      yield BREATH;
    }
    start = at;
  }
}
