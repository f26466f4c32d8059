import { expressionColumns } from '../expr/index.ts';
import { compareDatums, compareOrdered, type Datum, formatDatum, type SqlType } from '../types/index.ts';
import type { RecognitionInput } from './compiled-recognition.ts';
import { mapRecognition } from './map-recognition.ts';
import type { Row } from './partition-rows.ts';

/**
 * The order of the rows of a partition: by ORDER BY, ties by the columns that are read or shown from the left (NULL last), and where values are equal
 * but look different by their text. So it depends on the rows alone; rows it cannot tell apart make the same matches in any order.
 */
export function rowComparator(types: readonly SqlType[], input: RecognitionInput): (left: Row, right: Row) => number {
  const ties = tieColumns(input);
  return (left, right) => {
    for (const key of input.orderBy) {
      const order = compareOrdered(types[key.column]!, left[key.column] ?? null, right[key.column] ?? null, key);
      if (order !== 0) return order;
    }
    return compareTies(ties, types, { left, right });
  };
}

/** Columns no expression reads do not count under ONE ROW: the optimizer takes them away. */
function tieColumns({ recognition, width, partitionBy }: RecognitionInput): number[] {
  if (recognition.shown !== 'one') return Array.from({ length: width }, (_, column) => column);
  const found = new Set(partitionBy);
  mapRecognition(recognition, (expression) => {
    for (const column of expressionColumns(expression)) if (column < width) found.add(column);
    return expression;
  });
  return [...found].sort((left, right) => left - right);
}

function compareTies(columns: readonly number[], types: readonly SqlType[], { left, right }: { readonly left: Row; readonly right: Row }): number {
  for (const column of columns) {
    const order = compareValues(types[column]!, left[column] ?? null, right[column] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(type: SqlType, left: Datum | null, right: Datum | null): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  const order = compareDatums(type, left, right);
  if (order !== 0) return order;
  const [a, b] = [formatDatum(type, left), formatDatum(type, right)];
  return a < b ? -1 : a > b ? 1 : 0;
}
