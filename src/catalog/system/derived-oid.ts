/**
 * Oids of objects that exist only through a relation: its primary key's index and constraint, a column's default, a view's rule.
 * They are computed, so that they are the same in every session and after a restart. Relations stay below 2^26, the ranges above.
 */
const RANGE = 2 ** 26;
const INDEX_RANGE = 8 * RANGE;
const CONSTRAINT_RANGE = 9 * RANGE;
const RULE_RANGE = 10 * RANGE;
/** 16 ranges: 1024 columns of 2^16 relations before two of them meet. */
const DEFAULT_RANGE = 16 * RANGE;
const DEFAULTS_OF_A_RELATION = 1024;

export function indexOid(relationOid: number): number {
  return INDEX_RANGE + relationOid;
}

/** The relation of an index oid, or null for another oid. */
export function relationOfIndex(oid: number): number | null {
  return oid >= INDEX_RANGE && oid < INDEX_RANGE + RANGE ? oid - INDEX_RANGE : null;
}

export function constraintOid(relationOid: number): number {
  return CONSTRAINT_RANGE + relationOid;
}

export function relationOfConstraint(oid: number): number | null {
  return oid >= CONSTRAINT_RANGE && oid < CONSTRAINT_RANGE + RANGE ? oid - CONSTRAINT_RANGE : null;
}

export function ruleOid(relationOid: number): number {
  return RULE_RANGE + relationOid;
}

/** `columnNumber` counts from 1. */
export function defaultOid(relationOid: number, columnNumber: number): number {
  return DEFAULT_RANGE + ((relationOid * DEFAULTS_OF_A_RELATION + columnNumber) % (16 * RANGE));
}
