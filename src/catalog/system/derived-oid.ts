/**
 * Oids of objects that exist only through a relation: the indexes and constraints of its keys, a column's default, a view's rule.
 * They are computed, so that they are the same in every session and after a restart. Relations stay below 2^26, the ranges above.
 */
const RANGE = 2 ** 26;
const INDEX_RANGE = 8 * RANGE;
const CONSTRAINT_RANGE = 9 * RANGE;
const RULE_RANGE = 10 * RANGE;
/** 16 ranges: 1024 columns of 2^16 relations before two of them meet. */
const DEFAULT_RANGE = 16 * RANGE;
const DEFAULTS_OF_A_RELATION = 1024;
/** 16 ranges each for the numbered constraints (UNIQUE, CHECK) and their indexes, laid out alike. */
const NUMBERED_INDEX_RANGE = 32 * RANGE;
const NUMBERED_CONSTRAINT_RANGE = 48 * RANGE;

export function indexOid(relationOid: number): number {
  return INDEX_RANGE + relationOid;
}

/** The index of a UNIQUE constraint; `number` is the constraint's within its relation. */
export function numberedIndexOid(relationOid: number, number: number): number {
  return NUMBERED_INDEX_RANGE + place(relationOid, number);
}

/** The relation of an index oid, or null for another oid. */
export function relationOfIndex(oid: number): number | null {
  return relationWithin(oid, INDEX_RANGE, NUMBERED_INDEX_RANGE);
}

export function constraintOid(relationOid: number): number {
  return CONSTRAINT_RANGE + relationOid;
}

export function numberedConstraintOid(relationOid: number, number: number): number {
  return NUMBERED_CONSTRAINT_RANGE + place(relationOid, number);
}

export function relationOfConstraint(oid: number): number | null {
  return relationWithin(oid, CONSTRAINT_RANGE, NUMBERED_CONSTRAINT_RANGE);
}

export function ruleOid(relationOid: number): number {
  return RULE_RANGE + relationOid;
}

/** `columnNumber` counts from 1. */
export function defaultOid(relationOid: number, columnNumber: number): number {
  return DEFAULT_RANGE + place(relationOid, columnNumber);
}

function place(relationOid: number, number: number): number {
  return (relationOid * DEFAULTS_OF_A_RELATION + number) % (16 * RANGE);
}

function relationWithin(oid: number, own: number, numbered: number): number | null {
  if (oid >= own && oid < own + RANGE) return oid - own;
  return oid >= numbered && oid < numbered + 16 * RANGE ? Math.floor((oid - numbered) / DEFAULTS_OF_A_RELATION) : null;
}
