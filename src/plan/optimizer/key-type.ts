import type { SqlType } from '../../types/index.ts';

const integers: ReadonlySet<SqlType['kind']> = new Set(['int2', 'int4', 'int8']);

/** True when equal values of the two types have equal canonical key bytes, as INT 1 and BIGINT 1 have. */
export function sameKeyType(left: SqlType, right: SqlType): boolean {
  if (integers.has(left.kind) && integers.has(right.kind)) return true;
  if (left.kind === 'array' && right.kind === 'array') return sameKeyType(left.element, right.element);
  if (left.kind === 'map' && right.kind === 'map') return sameKeyType(left.key, right.key) && sameKeyType(left.value, right.value);
  return left.kind === right.kind && left.kind !== 'row';
}
