import { Batch, BytesColumn, type Column, FixedColumn } from '../../batch/index.ts';
import type { StateTableDeclaration } from '../../spi/index.ts';
import { byteaType, int8Type, needsCanonicalKey, type SqlType, storageKind } from '../../types/index.ts';

/**
 * The columns of a table with exact keys as the state store has them. It compares keys as SQL does, so a key column whose values have several spellings (numeric 1.0 and
 * 1.00, floats 0 and -0) is stored under a type of which the spelling is all there is; nothing is copied.
 */
export function storedColumns(declaration: StateTableDeclaration, rows: Batch): Batch {
  return retyped(declaration, rows, storedType);
}

/** The stored columns under their own types again. */
export function declaredColumns(declaration: StateTableDeclaration, rows: Batch): Batch {
  return retyped(declaration, rows, (type) => type);
}

function retyped({ columns, keyCount, exactKeys = false }: StateTableDeclaration, rows: Batch, typeOf: (type: SqlType) => SqlType): Batch {
  if (!exactKeys || !columns.slice(0, keyCount).some((type) => storedType(type) !== type)) return rows;
  const changed = rows.columns.map((column, index) => (index < keyCount ? withType(column, typeOf(columns[index]!)) : column));
  return new Batch(rows.rowCount, changed, rows.weights);
}

function storedType(type: SqlType): SqlType {
  const storage = storageKind(type);
  if (storage === 'float') return int8Type;
  return storage === 'bytes' && needsCanonicalKey(type) ? byteaType : type;
}

function withType(column: Column, type: SqlType): Column {
  if (column.storage !== 'bytes') return new FixedColumn(type, column.f64, column.valid);
  return new BytesColumn(type, column);
}
