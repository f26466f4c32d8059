import {
  type ArrayDatum,
  applyTypeModifier,
  type Datum,
  hasModifier,
  type MapDatum,
  makeMap,
  type RowDatum,
  type SqlType,
  sameType,
} from '../types/index.ts';
import type { EvaluationContext, FunctionLookup } from './function-definition.ts';

type Conversion = (value: Datum, context: EvaluationContext) => Datum | null;

/**
 * The conversion of a cast: the type pair's cast function, then the target's modifier (length, precision, scale). Arrays and rows convert
 * member by member. `explicit`: an explicit cast cuts text that is too long, an assignment refuses it (PostgreSQL, "Character Types").
 */
export function convertDatum(from: SqlType, to: SqlType, functions: FunctionLookup, explicit: boolean): Conversion {
  if (sameType(from, to)) return (value) => value;
  if (from.kind === 'array' && to.kind === 'array') {
    const member = convertDatum(from.element, to.element, functions, explicit);
    return (value, context) => convertArray(value as ArrayDatum, member, context);
  }
  if (from.kind === 'row' && to.kind === 'row' && from.fields.length === to.fields.length) {
    const members = to.fields.map((field, index) => convertDatum(from.fields[index]!.type, field.type, functions, explicit));
    return (value, context) => ({
      fields: (value as RowDatum).fields.map((field, index) => (field === null ? null : members[index]!(field, context))),
    });
  }
  if (from.kind === 'map' && to.kind === 'map') {
    const key = convertDatum(from.key, to.key, functions, explicit);
    const member = convertDatum(from.value, to.value, functions, explicit);
    return (value, context) => {
      const { keys, values } = value as MapDatum;
      return makeMap(
        to,
        keys.map((one, index) => [key(one, context), values[index] === null ? null : member(values[index]!, context)]),
      );
    };
  }
  if (from.kind === to.kind) return (value) => applyTypeModifier(to, value, explicit);
  const cast = functions.cast(from, to);
  const modified = hasModifier(to);
  return (value, context) => {
    const converted = cast.convert(value, to, from, context);
    return converted === null || !modified ? converted : applyTypeModifier(to, converted, explicit);
  };
}

function convertArray(value: ArrayDatum, member: Conversion, context: EvaluationContext): ArrayDatum {
  return {
    elements: value.elements.map((element) => {
      if (element === null) return null;
      // A nested array is an array of the same element type one level down (PostgreSQL has no array-of-array types).
      if (typeof element === 'object' && 'elements' in element) return convertArray(element, member, context);
      return member(element, context);
    }),
  };
}
