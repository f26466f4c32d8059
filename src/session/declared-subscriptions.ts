import type { AttachmentValue, CatalogEntry, CatalogSnapshot, Relation } from '../catalog/index.ts';

/** CREATE SUBSCRIPTION: changes of a relation are held for a while. Kept with the relation it is from, under its name, which is the database's. */
export interface DeclaredSubscription {
  readonly name: string;
  readonly relation: Relation;
  /** As written. */
  readonly retention: string;
  readonly retentionMs: number;
  /** Changes of epochs whose time is later are held. */
  readonly sinceMicros: number;
}

const PREFIX = 'subscription:';

export function subscriptionEntry({ name, relation, ...kept }: DeclaredSubscription): CatalogEntry {
  return { kind: 'attach', oid: relation.oid, key: PREFIX + name, value: kept };
}

export function subscriptionGone({ name, relation }: DeclaredSubscription): CatalogEntry {
  return { kind: 'attach', oid: relation.oid, key: PREFIX + name, value: null };
}

/** Of one relation, by name. */
export function subscriptionsFrom(relation: Relation, snapshot: CatalogSnapshot): readonly DeclaredSubscription[] {
  const found = [...snapshot.attachments(relation.oid)].filter(([key]) => key.startsWith(PREFIX));
  return found.map(([key, value]) => ({ name: key.slice(PREFIX.length), relation, ...keptOf(value) })).toSorted(byName);
}

/** Of the database, by name. */
export function subscriptions(snapshot: CatalogSnapshot): readonly DeclaredSubscription[] {
  return [...snapshot.relations()].flatMap((relation) => subscriptionsFrom(relation, snapshot)).toSorted(byName);
}

export function subscriptionNamed(name: string, snapshot: CatalogSnapshot): DeclaredSubscription | null {
  return subscriptions(snapshot).find((one) => one.name === name) ?? null;
}

/** Milliseconds for which changes of a relation are to be held; null: nobody subscribes. */
export function heldForMs(relation: Relation, snapshot: CatalogSnapshot): number | null {
  const all = subscriptionsFrom(relation, snapshot);
  return all.length === 0 ? null : Math.max(...all.map(({ retentionMs }) => retentionMs)) + SLACK_MS;
}

/** What a cursor may begin with is still there when it gets to it. */
const SLACK_MS = 60_000;

function keptOf(value: AttachmentValue): Pick<DeclaredSubscription, 'retention' | 'retentionMs' | 'sinceMicros'> {
  return value as unknown as Pick<DeclaredSubscription, 'retention' | 'retentionMs' | 'sinceMicros'>;
}

function byName(left: DeclaredSubscription, right: DeclaredSubscription): number {
  return left.name < right.name ? -1 : 1;
}
