import { type SqlType, sameType } from './sql-type.ts';

/** Of whole numbers, the most digits a value has. */
const INTEGER_DIGITS: Partial<Record<SqlType['kind'], number>> = { int2: 5, int4: 10, int8: 19 };
/** Kinds that hold every value of the one before, exactly. */
const WIDER_KINDS: Partial<Record<SqlType['kind'], readonly SqlType['kind'][]>> = {
  int2: ['int4', 'int8', 'float4', 'float8'],
  int4: ['int8', 'float8'],
  float4: ['float8'],
};

/** Every value of `from` is one of `to`: what a column may become without a value being another. True of equal types. */
export function widens(from: SqlType, to: SqlType): boolean {
  if (sameType(from, to) || (WIDER_KINDS[from.kind]?.includes(to.kind) ?? false)) return true;
  if (to.kind === 'numeric') return widensToNumeric(from, to);
  if (from.kind === 'varchar') return to.kind === 'text' || (to.kind === 'varchar' && fits(from.length, to.length));
  if (from.kind === 'text') return to.kind === 'varchar' && to.length === null;
  if (from.kind === 'time' || from.kind === 'timestamp' || from.kind === 'timestamptz')
    return to.kind === from.kind && to.precision >= from.precision;
  return from.kind === 'array' && to.kind === 'array' && widens(from.element, to.element);
}

function widensToNumeric(from: SqlType, { precision, scale }: Extract<SqlType, { kind: 'numeric' }>): boolean {
  const whole = precision === null ? null : precision - (scale ?? 0);
  const digits = INTEGER_DIGITS[from.kind];
  if (digits !== undefined) return fits(digits, whole);
  if (from.kind !== 'numeric') return false;
  if (precision === null) return true;
  return from.precision !== null && (scale ?? 0) >= (from.scale ?? 0) && fits(from.precision - (from.scale ?? 0), whole);
}

/** Null: as much as there is. */
function fits(from: number | null, to: number | null): boolean {
  return to === null || (from !== null && from <= to);
}
