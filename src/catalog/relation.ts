import type { SqlType } from '../types/index.ts';
import type { ColumnIdentity } from './column-identity.ts';
import type { RelationConstraint } from './relation-constraint.ts';
import type { RelationIndex } from './relation-index.ts';
import type { RelationStorage } from './relation-storage.ts';

/** How a column gets its value. `expression` is SQL text, bound in the scope of the physical and metadata columns. */
export type ColumnSource =
  | { readonly kind: 'physical' }
  | { readonly kind: 'computed'; readonly expression: string }
  | { readonly kind: 'metadata'; readonly key: string; readonly virtual: boolean };

export interface RelationColumn {
  /** Folded name, as SQL sees it. */
  readonly name: string;
  /** Spelling as written: the key in JSON, the header in CSV. */
  readonly externalName: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly source: ColumnSource;
  /** DEFAULT expression text, or null. */
  readonly defaultExpression: string | null;
  /** Absent: no value of a counter. */
  readonly identity?: ColumnIdentity;
}

/** A column that is stored as it comes and may be NULL: what a query gives. */
export function physicalColumn(name: string, type: SqlType): RelationColumn {
  return { name, externalName: name, type, nullable: true, source: { kind: 'physical' }, defaultExpression: null };
}

/** Metadata that an INSERT gives: the time of the message. */
export function isWrittenTime({ source }: RelationColumn): boolean {
  return source.kind === 'metadata' && !source.virtual && source.key === 'timestamp';
}

/** Metadata that an INSERT gives: the headers of the message. */
export function isWrittenHeaders({ source }: RelationColumn): boolean {
  return source.kind === 'metadata' && !source.virtual && source.key === 'headers';
}

/** A column that an INSERT sends: in the message, or beside it. */
export function isWritten(column: RelationColumn): boolean {
  return column.source.kind === 'physical' || isWrittenTime(column) || isWrittenHeaders(column);
}

/** WATERMARK FOR column AS expression: `delayMicros` is the constant subtracted from the column. */
export interface WatermarkDeclaration {
  readonly column: number;
  readonly delayMicros: bigint;
  readonly latenessMicros: bigint;
}

/** Once the watermark of a materialized view has reached w, no row of it comes or goes any more whose value in `column` is below w - latenessMicros. */
export interface EventTimeColumn {
  readonly column: number;
  readonly latenessMicros: bigint;
}

export type RelationKind = 'stream' | 'table' | 'view' | 'materialized view' | 'sink' | 'system';

/** A unit of reading and where it starts (spi: Split), resolved once when the stream was created. */
export interface StartSplit {
  readonly id: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly start: number;
  readonly end: number | null;
}

/** A stored table that the product has made for itself: nobody has written a statement for it. */
export function isOfTheProduct({ kind, statement }: Pick<Relation, 'kind' | 'statement'>): boolean {
  return kind === 'table' && statement === '';
}

/** Nobody but the product writes, alters or drops it. */
export function isSystemRelation(relation: Pick<Relation, 'kind' | 'statement'>): boolean {
  return relation.kind === 'system' || isOfTheProduct(relation);
}

/** Its rows are in another system, which takes new ones; there is no job that reads them. */
export function isOnlyElsewhere({ kind, options, splits }: Pick<Relation, 'kind' | 'options' | 'splits'>): boolean {
  return kind === 'stream' && options !== null && splits === undefined;
}

/** The options a relation was declared with, whichever side they are for. */
export function declaredOptions({ options, embeddedOptions }: Pick<Relation, 'options' | 'embeddedOptions'>): ReadonlyMap<string, string> {
  return options ?? new Map(Object.entries(embeddedOptions ?? {}));
}

/** The relation with other options, of which those of an embedded stream are its own and all others a connector's or a job's. */
export function withDeclaredOptions(relation: Relation, options: ReadonlyMap<string, string>): Relation {
  if (relation.kind === 'stream' && relation.options === null) return { ...relation, embeddedOptions: Object.fromEntries(options) };
  return { ...relation, options };
}

/** A named relation. Immutable; the catalog replaces it as a whole. */
export interface Relation {
  /** PostgreSQL-style object number, unique and never reused. */
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
  readonly columns: readonly RelationColumn[];
  /** Column positions of the declared primary key, or null. */
  readonly primaryKey: readonly number[] | null;
  /** The name written for the primary key; absent: it has the usual one. */
  readonly primaryKeyName?: string;
  /** UNIQUE and CHECK of a stored table, in the order of their making; absent: none. */
  readonly constraints?: readonly RelationConstraint[];
  /** Declared by CREATE INDEX, in the order of their making; absent: none. */
  readonly indexes?: readonly RelationIndex[];
  /** Column positions sets known to be unique (the primary key, a view's GROUP BY key). */
  readonly uniqueKeys: readonly (readonly number[])[];
  readonly watermark: WatermarkDeclaration | null;
  /** Which columns of a materialized view follow the watermark of what it reads. Absent: none. */
  readonly eventTimes?: readonly EventTimeColumn[];
  /** Oid of the stored relation that a sink writes into, the last of `dependsOn`. Absent: it writes to a connector, or is none. */
  readonly into?: number;
  /** WITH options, canonical names; null for stored tables and embedded streams. */
  readonly options: ReadonlyMap<string, string> | null;
  /** WITH options of an embedded stream, by canonical name; absent without any. */
  readonly embeddedOptions?: Readonly<Record<string, string>>;
  /** Start positions of a stream or stored table; absent for views and sinks. */
  readonly splits?: readonly StartSplit[];
  /** Absent: its rows and its job go by its oid and its names. */
  readonly storage?: RelationStorage;
  /** Rows are only ever added. */
  readonly appendOnly: boolean;
  /** The query of a view, materialised view or sink, as canonical SQL text; null otherwise. */
  readonly query: string | null;
  /** The whole statement as canonical SQL text. */
  readonly statement: string;
  /** Oids of relations and functions the query reads. */
  readonly dependsOn: readonly number[];
  readonly comment: string | null;
}
