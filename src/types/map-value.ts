import { SqlError, SqlState } from '../base/index.ts';
import { compareDatums } from './compare-datums.ts';
import type { Datum, MapDatum } from './datum.ts';
import type { SqlType } from './sql-type.ts';

export type MapType = Extract<SqlType, { kind: 'map' }>;

/** The map of some pairs; of several with one key the last counts. Errors: 22004 for a NULL key. */
export function makeMap(type: MapType, pairs: readonly (readonly [Datum | null, Datum | null])[]): MapDatum {
  const sorted = pairs.map(([key, value]) => {
    if (key === null) throw new SqlError({ code: SqlState.nullValueNotAllowed, message: 'map keys must not be null' });
    return { key, value };
  });
  // Sorting keeps the order of pairs with one key, so that the last of them is the last one written.
  sorted.sort((left, right) => compareDatums(type.key, left.key, right.key));
  const kept = sorted.filter((pair, index) => index + 1 === sorted.length || compareDatums(type.key, pair.key, sorted[index + 1]!.key) !== 0);
  return { keys: kept.map((pair) => pair.key), values: kept.map((pair) => pair.value) };
}

/** Position of a key in a map, or -1. */
export function mapIndexOf(type: MapType, map: MapDatum, key: Datum): number {
  let low = 0;
  let high = map.keys.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const order = compareDatums(type.key, map.keys[middle]!, key);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
