import { SqlError, SqlState } from '../../base/index.ts';
import type { ColumnIdentity } from '../../catalog/index.ts';
import { type ColumnConstraint, type ColumnDefinition, foldIdentifier, type SequenceOption, type TypeName } from '../../sql/index.ts';
import { formatType, int2Type, int4Type, int8Type, type SqlType } from '../../types/index.ts';

const SERIAL_TYPES: Readonly<Record<string, SqlType>> = {
  smallserial: int2Type,
  serial2: int2Type,
  serial: int4Type,
  serial4: int4Type,
  bigserial: int8Type,
  serial8: int8Type,
};

/** Smallest and largest value by type. */
const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int2: [-(2n ** 15n), 2n ** 15n - 1n],
  int4: [-(2n ** 31n), 2n ** 31n - 1n],
  int8: [-(2n ** 63n), 2n ** 63n - 1n],
};

/** The type behind SERIAL and its kin, which are no types but a spelling of columns; null for others. */
export function serialType(name: TypeName): SqlType | null {
  if (name.kind !== 'named-type' || name.name.parts.length !== 1 || name.modifiers.length > 0) return null;
  return SERIAL_TYPES[foldIdentifier(name.name.parts[0]!)] ?? null;
}

interface IdentityPlace {
  readonly table: string;
  readonly type: SqlType;
  /** The rows are ours. */
  readonly stored: boolean;
  /** A number for the counter. */
  newNumber(): number;
}

/**
 * GENERATED … AS IDENTITY or SERIAL of a column; null without. Errors: 42601 where it is not the only source of values, 22023 for types and bounds that
 * do not fit, 0A000 where the rows are not ours.
 */
export function buildIdentity(definition: ColumnDefinition, place: IdentityPlace): ColumnIdentity | null {
  const serial = definition.type !== null && serialType(definition.type) !== null;
  const [written, second] = definition.constraints.filter((constraint) => constraint.kind === 'identity');
  if (!serial && written === undefined) return null;
  const { span } = written ?? definition;
  if (!place.stored) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `${written === undefined ? 'SERIAL' : 'IDENTITY'} is not supported here`,
      hint: 'It is for stored tables: CREATE TABLE without a connector.',
      position: span.start,
    });
  }
  if (second !== undefined) throw contradiction('multiple identity specifications', second, definition, place);
  refuseOtherSources(definition, serial, written ?? null, place);
  if (written === undefined) return { kind: 'serial', ...bounds([], place.type), sequence: place.newNumber() };
  if (RANGES[place.type.kind] === undefined)
    throw invalid('identity column type must be smallint, integer, or bigint', definition.type?.span ?? definition.span);
  const kind = written.always ? 'always' : 'by default';
  return { kind, ...bounds(written.options, place.type), sequence: place.newNumber() };
}

type Identity = Extract<ColumnConstraint, { readonly kind: 'identity' }>;

function refuseOtherSources(definition: ColumnDefinition, serial: boolean, written: Identity | null, place: IdentityPlace): void {
  const defaultValue = definition.constraints.find((constraint) => constraint.kind === 'default');
  const nullable = definition.constraints.find((constraint) => constraint.kind === 'nullable');
  if (nullable !== undefined) throw contradiction('conflicting NULL/NOT NULL declarations', nullable, definition, place);
  if (serial && defaultValue !== undefined) throw contradiction('multiple default values specified', defaultValue, definition, place);
  if (written !== null && (serial || defaultValue !== undefined))
    throw contradiction('both default and identity specified', written, definition, place);
  if (written !== null && (definition.computed !== null || definition.metadata !== null))
    throw contradiction('both identity and generation expression specified', written, definition, place);
}

function contradiction(what: string, { span }: Pick<ColumnConstraint, 'span'>, { name }: ColumnDefinition, { table }: IdentityPlace): SqlError {
  const message = `${what} for column "${foldIdentifier(name)}" of table "${table}"`;
  return new SqlError({ code: SqlState.syntaxError, message, position: span.start });
}

function invalid(message: string, { start }: SequenceOption['span']): SqlError {
  return new SqlError({ code: SqlState.invalidParameterValue, message, position: start });
}

/** The counter's numbers, with PostgreSQL's defaults: up from 1, or down from -1. */
function bounds(options: readonly SequenceOption[], type: SqlType): Omit<ColumnIdentity, 'kind' | 'sequence'> {
  const given = byName(options);
  const number = (name: string): bigint | null => {
    const value = given.get(name)?.value ?? null;
    return value === null ? null : BigInt(value);
  };
  const fail = (name: string, message: string): SqlError => invalid(message, (given.get(name) ?? options[0]!).span);
  const [lowest, highest] = RANGES[type.kind]!;
  const increment = number('increment') ?? 1n;
  if (increment === 0n) throw fail('increment', 'INCREMENT must not be zero');
  const minimum = number('minvalue') ?? (increment > 0n ? 1n : lowest);
  const maximum = number('maxvalue') ?? (increment > 0n ? highest : -1n);
  for (const [name, value] of [['maxvalue', maximum] as const, ['minvalue', minimum] as const]) {
    if (value < lowest || value > highest)
      throw fail(name, `${name.toUpperCase()} (${value}) is out of range for sequence data type ${formatType(type)}`);
  }
  if (minimum >= maximum) throw fail('minvalue', `MINVALUE (${minimum}) must be less than MAXVALUE (${maximum})`);
  const start = number('start') ?? (increment > 0n ? minimum : maximum);
  if (start < minimum) throw fail('start', `START value (${start}) cannot be less than MINVALUE (${minimum})`);
  if (start > maximum) throw fail('start', `START value (${start}) cannot be greater than MAXVALUE (${maximum})`);
  const cache = number('cache');
  if (cache !== null && cache <= 0n) throw fail('cache', `CACHE (${cache}) must be greater than zero`);
  const cycle = given.get('cycle')?.option === 'cycle';
  return { start: `${start}`, increment: `${increment}`, minimum: `${minimum}`, maximum: `${maximum}`, cycle };
}

/** Errors: 42601 for an option that is said twice. */
function byName(options: readonly SequenceOption[]): ReadonlyMap<string, SequenceOption> {
  const given = new Map<string, SequenceOption>();
  for (const option of options) {
    const name = option.option.replace(/^no /, '');
    if (given.has(name)) throw new SqlError({ code: SqlState.syntaxError, message: 'conflicting or redundant options', position: option.span.start });
    given.set(name, option);
  }
  return given;
}
