import type { Relation } from '../../catalog/index.ts';

/** A relation before the catalog has given it a number. */
export type RelationDraft = Omit<Relation, 'oid'>;
