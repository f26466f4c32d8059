import { Batch, type Column } from '../../batch/index.ts';
import type { StateTableDeclaration } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';

/** How rows of a relation lie in its state table: key columns first, those that decide the key group foremost. */
export interface StateLayout {
  readonly declaration: StateTableDeclaration;
  /** Position in the relation of each column of the table; a count column after them has none. */
  readonly order: readonly number[];
}

export function stateLayout(
  types: readonly SqlType[],
  options: { readonly key: readonly number[]; readonly partitionKeys: readonly number[]; readonly counted: boolean },
): StateLayout {
  const { partitionKeys } = options;
  const key = [...partitionKeys, ...options.key.filter((column) => !partitionKeys.includes(column))];
  const order = [...key, ...types.map((_, index) => index).filter((column) => !key.includes(column))];
  const columns = order.map((column) => types[column]!);
  return {
    declaration: {
      name: 'rows',
      columns: options.counted ? [...columns, { kind: 'float8' }] : columns,
      keyCount: key.length,
      partitionKeyCount: partitionKeys.length,
    },
    order,
  };
}

export function toStateColumns(layout: StateLayout, columns: readonly Column[]): Column[] {
  return layout.order.map((column) => columns[column]!);
}

/** The key columns of some rows, as the table's deletions want them. */
export function toStateKeys(layout: StateLayout, rows: Batch): Batch {
  return new Batch(
    rows.rowCount,
    layout.order.slice(0, layout.declaration.keyCount).map((column) => rows.columns[column]!),
  );
}

export function fromStateColumns(layout: StateLayout, rows: Batch): Batch {
  const columns: Column[] = [];
  layout.order.forEach((column, index) => {
    columns[column] = rows.columns[index]!;
  });
  return new Batch(rows.rowCount, columns);
}
