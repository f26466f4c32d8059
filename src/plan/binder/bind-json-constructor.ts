import type { Expression } from '../../expr/index.ts';
import type * as ast from '../../sql/index.ts';
import { jsonbType, textType } from '../../types/index.ts';
import { callByName } from './bind-function-call.ts';
import { bind, type ExpressionScope } from './bind-state.ts';
import { notSupported, typeText } from './binder-error.ts';
import { coerce, mustCoerce } from './coercion.ts';
import { bindJsonInput } from './json-input.ts';
import { resolveTypeName } from './resolve-type-name.ts';

/** JSON_OBJECT and its kin as calls of functions and aggregates. What they make is jsonb, also where PostgreSQL makes json, and may be returned as text. */
export function bindJsonConstructor(node: ast.JsonConstructor, scope: ExpressionScope): Expression {
  return returned(construct(node, scope), node, scope);
}

function construct(node: ast.JsonConstructor, scope: ExpressionScope): Expression {
  const place = { span: node.span, scope };
  const flag = (text: string): Expression => ({ kind: 'literal', type: textType, value: text, span: node.span });
  const elements = (): Expression[] => node.members.map(({ value }) => bindJsonInput(value, scope));
  switch (node.function) {
    case 'json_object': {
      const flags = `${node.onNull === 'absent' ? 'absent' : ''} ${node.uniqueKeys ? 'unique' : ''}`.trim();
      const members = node.members.flatMap(({ key, value }) => [bindJsonInput(plainInput(key!), scope), bindJsonInput(value, scope)]);
      return callByName('json_object_of', [flag(flags), ...members], place);
    }
    case 'json_array': {
      const flags = node.onNull === 'null' ? '' : 'absent';
      if (node.query === null) return callByName('json_array_of', [flag(flags), ...elements()], place);
      const array = bind({ kind: 'array-subquery', query: node.query, span: node.query.span }, scope);
      return callByName('json_array_of_rows', [array], place);
    }
    case 'json_objectagg':
      return bind(aggregateCall(`json_object_agg${node.uniqueKeys ? '_unique' : ''}${node.onNull === 'absent' ? '_strict' : ''}`, node), scope);
    case 'json_arrayagg':
      return bind(aggregateCall(node.onNull === 'null' ? 'json_agg' : 'json_agg_strict', node), scope);
    case 'json': {
      if (node.uniqueKeys)
        return callByName('json_unique', [mustCoerce(bind(node.members[0]!.value.value, scope), textType, 'implicit', scope.state)], place);
      return bindJsonInput({ ...node.members[0]!.value, formatJson: true }, scope);
    }
    case 'json_scalar':
      return callByName('to_jsonb', elements(), place);
    case 'json_serialize':
      return bindJsonInput({ ...node.members[0]!.value, formatJson: true }, scope);
  }
}

function plainInput(value: ast.Expression): ast.JsonInput {
  return { kind: 'json-input', value, formatJson: false, span: value.span };
}

function aggregateCall(name: string, node: ast.JsonConstructor): ast.FunctionCall {
  const { key, value } = node.members[0]!;
  const json: ast.NamedType = {
    kind: 'named-type',
    name: { kind: 'qualified-name', parts: [{ kind: 'identifier', text: 'jsonb', quoted: false, span: value.span }], span: value.span },
    modifiers: [],
    intervalFields: null,
    span: value.span,
  };
  const read: ast.Expression = value.formatJson ? { kind: 'cast', operand: value.value, type: json, onError: 'fail', span: value.span } : value.value;
  const at = { start: node.span.start, end: node.span.start };
  const word = (text: string): ast.Identifier => ({ kind: 'identifier', text, quoted: true, span: at });
  return {
    kind: 'function-call',
    name: { kind: 'qualified-name', parts: [word('pg_catalog'), word(name)], span: at },
    arguments: [...(key === null ? [] : [key]), read].map((argument) => ({
      kind: 'function-argument',
      name: null,
      value: argument,
      span: argument.span,
    })),
    star: false,
    distinct: false,
    variadic: false,
    orderBy: node.orderBy,
    withinGroup: null,
    filter: node.filter,
    nullTreatment: null,
    over: node.over,
    span: node.span,
  };
}

function returned(document: Expression, node: ast.JsonConstructor, scope: ExpressionScope): Expression {
  const type = node.returning === null ? (node.function === 'json_serialize' ? textType : jsonbType) : resolveTypeName(node.returning);
  if (type.kind === 'jsonb') return document;
  const text = type.kind === 'bytea' ? null : coerce(document, type, 'assignment', scope.state);
  if (text !== null) return text;
  if (type.kind === 'bytea') {
    const encoding: Expression = { kind: 'literal', type: textType, value: 'UTF8', span: node.span };
    return callByName('convert_to', [mustCoerce(document, textType, 'explicit', scope.state), encoding], { span: node.span, scope });
  }
  throw notSupported(
    `${node.function.toUpperCase()}() returning type ${typeText(type)} is not supported`,
    node.returning!.span,
    'It returns jsonb, text, varchar or bytea.',
  );
}
