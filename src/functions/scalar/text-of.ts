import type { EvaluationContext } from '../../expr/index.ts';
import { type Datum, type DatumFormatOptions, formatDatum, type SqlType, trimBlanks } from '../../types/index.ts';

/** Settings of the session that show in texts. */
export function formatOptions(context: EvaluationContext): DatumFormatOptions {
  const { catalog } = context;
  return { timeZone: context.timeZone, ...(catalog === undefined ? {} : { objectName: (kind, oid) => catalog.objectName(kind, oid) }) };
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
