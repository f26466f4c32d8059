import type { Expression } from '../../expr/index.ts';
import type * as ast from '../../sql/index.ts';
import { foldIdentifier } from '../../sql/index.ts';
import { boolType, int4Type, jsonbType, type SqlType, sameType, textType } from '../../types/index.ts';
import { callByName } from './bind-function-call.ts';
import { bind, type ExpressionScope } from './bind-state.ts';
import { notSupported, syntaxError, typeText } from './binder-error.ts';
import { coerce, mustCoerce } from './coercion.ts';
import { bindJsonInput } from './json-input.ts';
import { resolveOperator } from './resolve-call.ts';
import { resolveTypeName } from './resolve-type-name.ts';

/** Document, path and variables, as every function of paths takes them. */
interface PathParts {
  readonly args: readonly Expression[];
  readonly place: { readonly span: ast.Span; readonly scope: ExpressionScope };
}

/**
 * JSON_VALUE, JSON_QUERY and JSON_EXISTS as calls of functions with names of their own. What ON EMPTY and ON ERROR give other than NULL and an
 * error becomes a CASE over the outcome, so that it is evaluated only where it is needed; a value that cannot become the type behind RETURNING is
 * an error too.
 */
export function bindJsonPathCall(node: ast.JsonPathCall, scope: ExpressionScope): Expression {
  const place = { span: node.span, scope };
  const document = bindJsonInput({ ...node.document, formatJson: true }, scope);
  const path = mustCoerce(bind(node.path, scope), textType, 'implicit', scope.state);
  const parts: PathParts = { args: [document, path, variables(node, scope)], place };
  switch (node.function) {
    case 'json_exists':
      return bindExists(node, parts);
    case 'json_value':
      return bindValue(node, parts);
    case 'json_query':
      return bindQuery(node, parts);
  }
}

function variables(node: ast.JsonPathCall, scope: ExpressionScope): Expression {
  if (node.passing.length === 0) return { kind: 'literal', type: jsonbType, value: '{}', span: node.span };
  const members = node.passing.flatMap(({ name, value }) => [textLiteral(foldIdentifier(name), name.span), bindJsonInput(value, scope)]);
  return callByName('jsonb_build_object', members, { span: node.span, scope });
}

function textLiteral(value: string, span: ast.Span): Expression {
  return { kind: 'literal', type: textType, value, span };
}

function bindExists(node: ast.JsonPathCall, { args, place }: PathParts): Expression {
  if (node.returning !== null) throw syntaxError('JSON_EXISTS() takes no RETURNING clause', node.returning.span);
  refuseClauses(node);
  if (node.onEmpty !== null) throw syntaxError('JSON_EXISTS() takes no ON EMPTY clause', node.onEmpty.span);
  const behaviour = node.onError?.behaviour ?? 'false';
  allow(node.onError, ['error', 'true', 'false', 'unknown'], node, 'ON ERROR');
  return callByName('json_path_exists', [...args, textLiteral(behaviour, node.span)], place);
}

function bindValue(node: ast.JsonPathCall, parts: PathParts): Expression {
  refuseClauses(node);
  const type = node.returning === null ? textType : resolveTypeName(node.returning);
  if (type.kind === 'jsonb' || type.kind === 'array' || type.kind === 'row' || type.kind === 'map')
    throw notSupported(
      `JSON_VALUE() returning type ${typeText(type)} is not supported`,
      node.returning!.span,
      'JSON_QUERY gives documents, arrays too.',
    );
  for (const [behaviour, clause] of behavioursOf(node)) allow(behaviour, ['error', 'null', 'default'], node, clause);
  const value = (raise: string): Expression => callByName('json_path_value', [...parts.args, textLiteral(raise, node.span)], parts.place);
  return finish(node, { type, form: 'value', value }, parts);
}

function bindQuery(node: ast.JsonPathCall, parts: PathParts): Expression {
  const type = node.returning === null ? jsonbType : resolveTypeName(node.returning);
  if (type.kind === 'row' || type.kind === 'map')
    throw notSupported(`JSON_QUERY() returning type ${typeText(type)} is not supported`, node.returning!.span, 'Take its members with JSON_VALUE.');
  for (const [behaviour, clause] of behavioursOf(node)) allow(behaviour, ['error', 'null', 'empty array', 'empty object', 'default'], node, clause);
  const form = node.wrapper ?? 'without';
  if (node.quotes !== null && form !== 'without')
    throw syntaxError('SQL/JSON QUOTES behavior must not be specified when WITH WRAPPER is used', node.span);
  const document = (raise: string): Expression =>
    callByName('json_path_query', [...parts.args, textLiteral(form, node.span), textLiteral(raise, node.span)], parts.place);
  const value = (raise: string): Expression => {
    if (type.kind === 'array') return callByName('json_array_texts', [document(raise)], parts.place);
    return node.quotes === 'omit' ? callByName('json_without_quotes', [document(raise)], parts.place) : document(raise);
  };
  return finish(node, { type, form, value }, parts);
}

interface Wanted {
  readonly type: SqlType;
  /** What the outcome is judged by: `value`, or the wrapper. */
  readonly form: string;
  /** The item found; NULL for what does not raise an error. */
  readonly value: (raise: string) => Expression;
}

function finish(node: ast.JsonPathCall, { type, form, value }: Wanted, { args, place }: PathParts): Expression {
  const onEmpty = node.onEmpty?.behaviour ?? 'null';
  const onError = node.onError?.behaviour ?? 'null';
  const raise = [onEmpty === 'error' ? 'empty' : '', onError === 'error' ? 'error' : ''].join(' ').trim();
  const found = value(raise);
  const converted = convert(found, type, onError === 'error' ? 'explicit' : 'try', place);
  const ownValue = (behaviour: string): boolean => behaviour !== 'null' && behaviour !== 'error';
  if (!ownValue(onEmpty) && !ownValue(onError)) return converted;
  const outcome = callByName('json_path_outcome', [...args, textLiteral(form, node.span)], place);
  const outcomeIs = (wanted: number): Expression =>
    resolveOperator('=', [outcome, { kind: 'literal', type: int4Type, value: wanted, span: node.span }], node.span, place.scope.state);
  const instead = (behaviour: ast.JsonBehaviour | null): Expression => behaviourValue(behaviour, type, node, place.scope);
  const nothing: Expression = { kind: 'literal', type, value: null, span: node.span };
  const condition: Expression = { kind: 'is-null', input: found, negated: false, type: boolType, span: node.span };
  const orError = (): Expression => ({ kind: 'coalesce', args: [converted, instead(node.onError)], type, span: node.span });
  return {
    kind: 'case',
    branches: [
      ...(ownValue(onEmpty) ? [{ condition: outcomeIs(1), result: instead(node.onEmpty) }] : []),
      ...(ownValue(onError)
        ? [
            { condition: outcomeIs(2), result: instead(node.onError) },
            { condition, result: nothing },
          ]
        : []),
    ],
    otherwise: ownValue(onError) ? orError() : converted,
    type,
    span: node.span,
  };
}

/** Strings that are too long are errors, which a cast would cut. */
function convert(found: Expression, type: SqlType, mode: 'try' | 'explicit', place: PathParts['place']): Expression {
  if ((type.kind === 'varchar' || type.kind === 'char') && type.length !== null) {
    const text: Expression = found.type.kind === 'text' ? found : { kind: 'cast', input: found, type: textType, mode: 'explicit', span: place.span };
    const limits: Expression[] = [
      { kind: 'literal', type: int4Type, value: type.length, span: place.span },
      { kind: 'literal', type: boolType, value: mode === 'explicit', span: place.span },
    ];
    return { kind: 'cast', input: callByName('text_within', [text, ...limits], place), type, mode: 'explicit', span: place.span };
  }
  return sameType(found.type, type) ? found : { kind: 'cast', input: found, type, mode, span: place.span };
}

function behaviourValue(behaviour: ast.JsonBehaviour | null, type: SqlType, node: ast.JsonPathCall, scope: ExpressionScope): Expression {
  const literal = (value: string): Expression =>
    mustCoerce({ kind: 'literal', type: { kind: 'unknown' }, value, span: node.span }, type, 'explicit', scope.state);
  switch (behaviour?.behaviour) {
    case 'default': {
      const value = coerce(bind(behaviour.value!, scope), type, 'assignment', scope.state);
      if (value !== null) return value;
      throw syntaxError(`the value behind DEFAULT cannot become type ${typeText(type)}`, behaviour.span);
    }
    case 'empty array':
      return literal(type.kind === 'array' ? '{}' : '[]');
    case 'empty object':
      return literal('{}');
    default:
      return { kind: 'literal', type, value: null, span: node.span };
  }
}

/** QUOTES and WRAPPER belong to JSON_QUERY. */
function refuseClauses(node: ast.JsonPathCall): void {
  if (node.wrapper === null && node.quotes === null) return;
  const clause = node.wrapper === null ? 'QUOTES' : 'WRAPPER';
  throw syntaxError(`SQL/JSON ${clause} behavior is for JSON_QUERY()`, node.span, 'JSON_QUERY gives documents, JSON_VALUE scalar values.');
}

function behavioursOf(node: ast.JsonPathCall): (readonly [ast.JsonBehaviour | null, string])[] {
  return [
    [node.onEmpty, 'ON EMPTY'],
    [node.onError, 'ON ERROR'],
  ];
}

function allow(
  behaviour: ast.JsonBehaviour | null,
  allowed: readonly ast.JsonBehaviour['behaviour'][],
  node: ast.JsonPathCall,
  clause: string,
): void {
  if (behaviour === null || allowed.includes(behaviour.behaviour)) return;
  const words = allowed.map((one) => (one === 'default' ? 'DEFAULT expression' : one.toUpperCase())).join(', ');
  throw syntaxError(`invalid ${clause} behavior for ${node.function.toUpperCase()}()`, behaviour.span, `Only ${words} is allowed in ${clause} here.`);
}
