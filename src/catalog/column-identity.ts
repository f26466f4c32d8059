import { formatType, type SqlType } from '../types/index.ts';
import type { Relation, RelationColumn } from './relation.ts';

/**
 * The counter a column of a stored table takes a value from when a row brings none. Numbers are decimal text: the catalog is kept as JSON, whose numbers
 * do not reach as far.
 */
export interface ColumnIdentity {
  /** `serial`: PostgreSQL's older spelling, a default that any value may take the place of. */
  readonly kind: 'always' | 'by default' | 'serial';
  /** Of the counter, from the numbers of oids: another column that comes to this name counts anew. */
  readonly sequence: number;
  readonly start: string;
  readonly increment: string;
  readonly minimum: string;
  readonly maximum: string;
  readonly cycle: boolean;
}

/** What PostgreSQL calls the sequence behind the column. */
export function sequenceName(relation: Pick<Relation, 'name'>, column: Pick<RelationColumn, 'name'>): string {
  return `${relation.name}_${column.name}_seq`;
}

const SERIAL_NAMES: Readonly<Record<string, string>> = { int2: 'smallserial', int4: 'serial', int8: 'bigserial' };

/** Type and identity of a column as a definition writes them. */
export function typeWithIdentity({ type, identity }: Pick<RelationColumn, 'type' | 'identity'>): string {
  if (identity === undefined) return formatType(type);
  if (identity.kind === 'serial') return serialName(type);
  const { start, increment, minimum, maximum, cycle } = identity;
  const options = `START WITH ${start} INCREMENT BY ${increment} MINVALUE ${minimum} MAXVALUE ${maximum}${cycle ? ' CYCLE' : ''}`;
  return `${formatType(type)} GENERATED ${identity.kind.toUpperCase()} AS IDENTITY (${options})`;
}

function serialName(type: SqlType): string {
  return SERIAL_NAMES[type.kind]!;
}

/** The DEFAULT a column shows: that of a serial column is a call, as in PostgreSQL. */
export function shownDefault(relation: Pick<Relation, 'name'>, column: RelationColumn): string | null {
  return column.identity?.kind === 'serial' ? `nextval('${sequenceName(relation, column)}'::regclass)` : column.defaultExpression;
}
