import type { Expression } from '../../../expr/index.ts';
import { arrayOf, boolType, type SqlType } from '../../../types/index.ts';

/** Kinds with an equality operator of their own name, whose equal values are one and the same. */
const IDENTICAL: ReadonlySet<SqlType['kind']> = new Set([
  'bool',
  'int2',
  'int4',
  'int8',
  'text',
  'varchar',
  'name',
  'bytea',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'uuid',
  'oid',
]);

/** True when equal values cannot be told apart, so that one may stand for another: not numerics (1.0, 1.00) nor floats (0, -0). */
export function equalIsIdentical(type: SqlType): boolean {
  return IDENTICAL.has(type.kind);
}

/** The operator that compares two values of a type other than varchar, which is compared as text. */
export function equalitySignature({ kind }: SqlType): string {
  const name = kind === 'array' ? 'anyarray' : kind === 'map' ? 'anymap' : kind === 'row' ? 'record' : kind;
  return `${name} = ${name} -> bool`;
}

/**
 * IS NOT DISTINCT FROM as one equality that a join can be hashed by: arrays are equal when their elements are, and NULL is an element like any other
 * (PostgreSQL, "Array Functions and Operators").
 */
export function sameValue(left: Expression, right: Expression): Expression {
  const inArray = (value: Expression): Expression => ({ kind: 'construct', args: [value], type: arrayOf(value.type) });
  return { kind: 'call', signature: 'anyarray = anyarray -> bool', args: [inArray(left), inArray(right)], type: boolType };
}
