import { SqlError, SqlState } from '../../base/index.ts';
import type { CastDefinition, EvaluationContext } from '../../expr/index.ts';
import { applyTypeModifier, type Datum, formatDatum, parseDatum, type SqlType, type TypeKind, trimBlanks, truncateName } from '../../types/index.ts';
import { formatOptions, textOf } from '../scalar/text-of.ts';
import { defineCast } from './define-cast.ts';

const STRINGS = ['text', 'varchar', 'char', 'name'] as const;
type StringKind = (typeof STRINGS)[number];

/** Types whose text form depends on the session: the zone, or names of registered objects. */
const SESSION_DEPENDENT: ReadonlySet<TypeKind> = new Set([
  'timestamptz',
  'date',
  'time',
  'timestamp',
  'array',
  'row',
  'map',
  'regclass',
  'regtype',
  'regproc',
  'regnamespace',
]);

const OTHERS: readonly TypeKind[] = [
  'bool',
  'int2',
  'int4',
  'int8',
  'float4',
  'float8',
  'numeric',
  'bytea',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'interval',
  'uuid',
  'jsonb',
  'oid',
  'regclass',
  'regtype',
  'regproc',
  'regnamespace',
  'array',
  'row',
  'map',
];

/** Between strings, and the text form of every type in both directions (PostgreSQL's I/O conversion casts). */
export const textCasts: readonly CastDefinition[] = [
  ...STRINGS.flatMap((from) => STRINGS.filter((to) => to !== from).map((to) => betweenStrings(from, to))),
  ...STRINGS.map((from) => defineCast<string>(from, 'internal_char', 'assignment', { convert: (text) => text.slice(0, 1) })),
  defineCast<string>('internal_char', 'text', 'implicit', { convert: (text) => text }),
  defineCast<string>('internal_char', 'varchar', 'assignment', { convert: (text) => text }),
  defineCast<string>('internal_char', 'char', 'assignment', { convert: (text) => text }),
  ...STRINGS.map((to) => toStringCast('void', to)),
  ...OTHERS.flatMap((kind) => [...STRINGS.map((to) => toStringCast(kind, to)), ...STRINGS.map((from) => fromStringCast(from, kind))]),
  ...[...OTHERS, ...STRINGS, 'internal_char' as const].map((kind) => fromUnknown(kind)),
];

function betweenStrings(from: StringKind, to: StringKind): CastDefinition {
  // From name only text is reached implicitly, as in pg_cast.
  const context = from === 'name' && to !== 'text' ? 'assignment' : 'implicit';
  return defineCast<string>(from, to, context, {
    convert: (text) => {
      const plain = from === 'char' ? trimBlanks(text) : text;
      return to === 'name' ? truncateName(plain) : plain;
    },
    emit: (value, target) => {
      const sameBytes = value.form === 'bytes' && from !== 'char' && to !== 'name' && to !== 'char';
      return sameBytes ? { ...value, type: target } : null;
    },
  });
}

function toStringCast(from: TypeKind, to: StringKind): CastDefinition {
  return defineCast<Datum>(from, to, 'assignment', {
    volatility: SESSION_DEPENDENT.has(from) ? 'stable' : 'immutable',
    convert: (value, _to, type, context) => {
      // bool has a cast function to text and varchar; name gets the output function's single letter.
      if (to === 'name') return truncateName(formatDatum(type, value, formatOptions(context)));
      return textOf(type, value, context);
    },
  });
}

function fromStringCast(from: StringKind, to: TypeKind): CastDefinition {
  const implicit = to === 'regclass' && (from === 'text' || from === 'varchar');
  return defineCast<string>(from, to, implicit ? 'implicit' : 'explicit', {
    fallible: true,
    volatility: SESSION_DEPENDENT.has(to) ? 'stable' : 'immutable',
    convert: (text, type, _from, context) => parseAs(type, text, context),
  });
}

/** An untyped literal is read by the target's input function. */
function fromUnknown(to: TypeKind): CastDefinition {
  return defineCast<string>('unknown', to, 'implicit', {
    fallible: true,
    volatility: SESSION_DEPENDENT.has(to) ? 'stable' : 'immutable',
    convert: (text, type, _from, context) => parseAs(type, text, context),
  });
}

function parseAs(type: SqlType, text: string, context: EvaluationContext): Datum {
  if (isObjectKind(type.kind)) {
    const oid = context.catalog?.objectOid(type.kind, text) ?? null;
    if (oid !== null) return oid;
    if (context.catalog !== undefined && !/^\s*(?:-|\d+)\s*$/.test(text)) throw noSuchObject(type.kind, text);
  }
  const value = parseDatum(type, text, { timeZone: context.timeZone, nowMicros: context.nowMicros });
  // Elements and fields carry their own modifiers, which nobody else applies.
  return type.kind === 'array' || type.kind === 'row' || type.kind === 'map' ? applyTypeModifier(type, value, true) : value;
}

/** As PostgreSQL says it of each kind. Errors: 42P01, 42704, 42883, 3F000. */
function noSuchObject(kind: 'regclass' | 'regtype' | 'regproc' | 'regnamespace', text: string): SqlError {
  switch (kind) {
    case 'regclass':
      return new SqlError({ code: SqlState.undefinedTable, message: `relation "${text}" does not exist` });
    case 'regtype':
      return new SqlError({ code: SqlState.undefinedObject, message: `type "${text}" does not exist` });
    case 'regproc':
      return new SqlError({
        code: SqlState.undefinedFunction,
        message: `function "${text}" does not exist, or has several kinds of arguments`,
        hint: 'Write the types of its arguments: name(type, …).',
      });
    case 'regnamespace':
      return new SqlError({ code: SqlState.invalidSchemaName, message: `schema "${text}" does not exist` });
  }
}

function isObjectKind(kind: TypeKind): kind is 'regclass' | 'regtype' | 'regproc' | 'regnamespace' {
  return kind.startsWith('reg');
}
