import type { DecodeField } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';

/**
 * Fields in which row values that are only checked are taken apart into their own fields. The scan decides plain values by itself, but a
 * row value as a whole would be built for every message to be dropped at once. Parts that are read already are left out.
 */
export function checkedLeaves(fields: readonly DecodeField[]): readonly DecodeField[] {
  const read = new Set(fields.filter((field) => field.wanted).map((field) => keyOf(field.path)));
  return fields.flatMap((field) => {
    const isRow = field.type.kind === 'row' && field.type.fields.length > 0;
    return field.wanted || !field.nullable || !isRow ? [field] : leavesOf(field.path, field.type, read);
  });
}

function leavesOf(path: readonly string[], type: SqlType, read: Set<string>): DecodeField[] {
  if (read.has(keyOf(path))) return [];
  if (type.kind !== 'row' || type.fields.length === 0) {
    // Of two fields of one name the first gets the value.
    read.add(keyOf(path));
    return [{ path, type, nullable: true, wanted: false }];
  }
  return type.fields.flatMap((field) => leavesOf([...path, field.name], field.type, read));
}

function keyOf(path: readonly string[]): string {
  return JSON.stringify(path);
}
