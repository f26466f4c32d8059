import type { Expression } from '../../expr/index.ts';
import type { JsonInput } from '../../sql/index.ts';
import { jsonbType } from '../../types/index.ts';
import { bind, type ExpressionScope } from './bind-state.ts';
import { cannotCast, coerce, resolveUnknown } from './coercion.ts';
import { typeCategory } from './type-category.ts';

/** A value on its way into JSON: with FORMAT JSON its text is read as a document. Errors: 42846 for what has no text. */
export function bindJsonInput(input: JsonInput, scope: ExpressionScope): Expression {
  const value = bind(input.value, scope);
  if (!input.formatJson) return resolveUnknown(value, scope.state);
  if (value.type.kind === 'jsonb') return value;
  const readable = value.type.kind === 'unknown' || typeCategory(value.type) === 'S';
  const document = readable ? coerce(value, jsonbType, 'explicit', scope.state) : null;
  if (document === null) throw cannotCast(value.type, jsonbType, value.span);
  return document;
}
