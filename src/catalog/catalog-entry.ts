import type { DeclaredFunction } from './declared-function.ts';
import type { EventTimeColumn, Relation, WatermarkDeclaration } from './relation.ts';

/** JSON-safe data that belongs to an object of the catalog and whose meaning is its owner's: a deployment, a start position, a setting. */
export type AttachmentValue = null | boolean | number | string | readonly AttachmentValue[] | { readonly [key: string]: AttachmentValue };

/**
 * One change of the catalog, as the log keeps it. `put-relation` and `put-function` create or replace by oid. Attachments belong to a relation's oid (and go
 * with it), a schema's, or 0 for the database; value null removes one.
 */
export type CatalogEntry =
  | { readonly kind: 'create-schema'; readonly oid: number; readonly name: string }
  | { readonly kind: 'drop-schema'; readonly oid: number }
  | { readonly kind: 'comment-on-schema'; readonly oid: number; readonly comment: string | null }
  | { readonly kind: 'put-relation'; readonly relation: Relation }
  | { readonly kind: 'drop-relation'; readonly oid: number }
  | { readonly kind: 'put-function'; readonly declared: DeclaredFunction }
  | { readonly kind: 'drop-function'; readonly oid: number }
  | { readonly kind: 'attach'; readonly oid: number; readonly key: string; readonly value: AttachmentValue };

const FORMAT_VERSION = 1;

/** The entries of one commit as one JSON text: they take effect together or not at all. */
export function encodeCatalogEntries(entries: readonly CatalogEntry[]): string {
  return JSON.stringify({ version: FORMAT_VERSION, entries: entries.map(encodeEntry) });
}

/** Throws an Error for a text it did not write; the caller turns that into damaged data. */
export function decodeCatalogEntries(text: string): CatalogEntry[] {
  const parsed = JSON.parse(text) as { version?: unknown; entries?: unknown };
  if (parsed.version !== FORMAT_VERSION) throw new Error(`catalog entry of format ${String(parsed.version)}, ${FORMAT_VERSION} is the newest known`);
  if (!Array.isArray(parsed.entries)) throw new Error('catalog entry without entries');
  return (parsed.entries as EncodedEntry[]).map(decodeEntry);
}

/** Big integers as decimal text, maps as lists of pairs: their order is kept. */
interface EncodedRelation extends Omit<Relation, 'watermark' | 'eventTimes' | 'options'> {
  readonly watermark: { readonly column: number; readonly delayMicros: string; readonly latenessMicros: string } | null;
  readonly eventTimes?: readonly { readonly column: number; readonly latenessMicros: string }[];
  readonly options: readonly (readonly [string, string])[] | null;
}

type EncodedEntry = Exclude<CatalogEntry, { kind: 'put-relation' }> | { readonly kind: 'put-relation'; readonly relation: EncodedRelation };

function encodeEntry(entry: CatalogEntry): EncodedEntry {
  if (entry.kind !== 'put-relation') return entry;
  const { watermark, eventTimes, options, ...rest } = entry.relation;
  return {
    kind: 'put-relation',
    relation: {
      ...rest,
      watermark: encodeWatermark(watermark),
      ...(eventTimes !== undefined && { eventTimes: eventTimes.map(encodeEventTime) }),
      options: options === null ? null : [...options],
    },
  };
}

function decodeEntry(entry: EncodedEntry): CatalogEntry {
  if (entry.kind !== 'put-relation') return entry;
  const { watermark, eventTimes, options, ...rest } = entry.relation;
  return {
    kind: 'put-relation',
    relation: {
      ...rest,
      watermark: decodeWatermark(watermark),
      ...(eventTimes !== undefined && { eventTimes: eventTimes.map(decodeEventTime) }),
      options: options === null ? null : new Map(options),
    },
  };
}

function encodeEventTime({ column, latenessMicros }: EventTimeColumn): { readonly column: number; readonly latenessMicros: string } {
  return { column, latenessMicros: String(latenessMicros) };
}

function decodeEventTime({ column, latenessMicros }: { readonly column: number; readonly latenessMicros: string }): EventTimeColumn {
  return { column, latenessMicros: BigInt(latenessMicros) };
}

function encodeWatermark(watermark: WatermarkDeclaration | null): EncodedRelation['watermark'] {
  if (watermark === null) return null;
  const { column, delayMicros, latenessMicros } = watermark;
  return { column, delayMicros: String(delayMicros), latenessMicros: String(latenessMicros) };
}

function decodeWatermark(watermark: EncodedRelation['watermark']): WatermarkDeclaration | null {
  if (watermark === null) return null;
  const { column, delayMicros, latenessMicros } = watermark;
  return { column, delayMicros: BigInt(delayMicros), latenessMicros: BigInt(latenessMicros) };
}
