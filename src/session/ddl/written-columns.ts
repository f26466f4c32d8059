import { isWritten, isWrittenHeaders, isWrittenTime, type Relation, type RelationColumn } from '../../catalog/index.ts';

/** Positions of the columns that an INSERT sends: those of the message, and those that are its time and its headers. */
export function writtenColumns({ columns }: Relation): number[] {
  return columns.flatMap((column, index) => (isWritten(column) ? [index] : []));
}

/** The connector's options for these columns, which go by the names messages have for them. */
export function writtenOptions({ columns, options }: Relation): ReadonlyMap<string, string> {
  const written = new Map(options!);
  const time = columns.find(isWrittenTime);
  if (time !== undefined) written.set('sink.timestamp-column', time.externalName);
  const headers = columns.find(isWrittenHeaders);
  if (headers !== undefined) written.set('sink.headers-column', headers.externalName);
  const keys = messageKey({ columns, options })?.map((index) => columns[index]!.externalName);
  return keys === undefined ? written : written.set('primary_key', keys.join(','));
}

/** Positions of the columns that a stream names for the key of its messages; null without any. */
export function messageKey({ columns, options }: Pick<Relation, 'columns' | 'options'>): number[] | null {
  const named = options!.get('primary_key')?.split(/[,;]/);
  return named?.map((name) => columns.findIndex((column) => isNamed(column, name.trim()))) ?? null;
}

function isNamed(column: RelationColumn, name: string): boolean {
  return column.name === name || column.externalName === name;
}
