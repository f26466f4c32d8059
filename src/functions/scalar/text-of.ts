import type { EvaluationContext } from '../../expr/index.ts';
import { type Datum, type DatumFormatOptions, formatDatum, formatTypeKind, type SqlType, trimBlanks, typeByOid } from '../../types/index.ts';

/** Settings of the session that show in texts. Built-in types have names without a catalog too. */
export function formatOptions(context: EvaluationContext): DatumFormatOptions {
  return {
    timeZone: context.timeZone,
    objectName: (kind, oid) => {
      const name = context.catalog?.objectName(kind, oid) ?? null;
      if (name !== null || kind !== 'regtype') return name;
      const type = typeByOid(oid);
      return type === null ? null : formatTypeKind(type);
    },
  };
}

/** The text of a value as a cast to text gives it: booleans spelled out, char without its padding. */
export function textOf(type: SqlType, value: Datum, context: EvaluationContext): string {
  switch (type.kind) {
    case 'bool':
      return value === true ? 'true' : 'false';
    case 'char':
      return trimBlanks(value as string);
    default:
      return formatDatum(type, value, formatOptions(context));
  }
}
