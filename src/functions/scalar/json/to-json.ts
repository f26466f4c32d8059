import type { EvaluationContext } from '../../../expr/index.ts';
import {
  type ArrayDatum,
  type Datum,
  type Decimal,
  formatDatum,
  formatDecimal,
  isNestedArray,
  JsonNumber,
  type JsonValue,
  jsonObject,
  type MapDatum,
  parseJson,
  type RowDatum,
  type SqlType,
} from '../../../types/index.ts';
import { formatOptions, textOf } from '../text-of.ts';

/** The JSON document of any value, as to_jsonb makes it: numbers and booleans as such, dates in ISO 8601, everything else as text. */
export function toJson(type: SqlType, value: Datum | null, context: EvaluationContext): JsonValue {
  if (value === null) return null;
  switch (type.kind) {
    case 'bool':
      return value as boolean;
    case 'int2':
    case 'int4':
    case 'int8':
      return new JsonNumber(String(value));
    case 'float4':
    case 'float8':
      return Number.isFinite(value) ? (parseJson(formatDatum(type, value)) as JsonNumber) : String(value);
    case 'numeric': {
      const text = formatDecimal(value as Decimal);
      return (value as Decimal).special === undefined ? new JsonNumber(text) : text;
    }
    case 'jsonb':
      return parseJson(value as string);
    case 'timestamp':
    case 'timestamptz':
      return isoText(formatDatum(type, value, formatOptions(context)));
    case 'array':
      return (value as ArrayDatum).elements.map((element) =>
        toJson(isNestedArray(element) && type.element.kind !== 'array' ? type : type.element, element, context),
      );
    case 'row':
      return jsonObject(type.fields.map((field, index) => [field.name, toJson(field.type, (value as RowDatum).fields[index]!, context)] as const));
    case 'map': {
      const { keys, values } = value as MapDatum;
      return jsonObject(keys.map((key, index) => [textOf(type.key, key, context), toJson(type.value, values[index]!, context)] as const));
    }
    default:
      // A char keeps its blanks here, which a cast to text takes away.
      return formatDatum(type, value, formatOptions(context));
  }
}

/** `2024-01-01 10:00:00+02` as `2024-01-01T10:00:00+02:00`. */
function isoText(text: string): string {
  return text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00');
}
