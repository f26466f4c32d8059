import type { Expression, OperatorName, TypeName } from '../ast/index.ts';
import { foldCase, foldIdentifier } from '../fold-identifier.ts';

/** The neutral shape both parsers' trees are brought to: a tag and its parts. */
export interface Canonical extends ReadonlyArray<Canonical | string | null> {
  readonly 0: string;
}

const typeSynonyms: Readonly<Record<string, string>> = {
  int: 'int4',
  'double precision': 'float8',
  'timestamp with time zone': 'timestamptz',
};

/** Our tree of an expression of PostgreSQL's dialect in the neutral shape. */
export function canonicalExpression(expression: Expression): Canonical {
  const inner = canonicalExpression;
  switch (expression.kind) {
    case 'string-literal':
      return ['string', expression.value];
    case 'number-literal':
      return ['number', String(Number(expression.text))];
    case 'boolean-literal':
      return ['boolean', String(expression.value)];
    case 'null-literal':
      return ['null'];
    case 'parameter':
      return ['parameter', String(expression.index)];
    case 'column-reference':
      return ['column', ...expression.name.map(foldIdentifier)];
    case 'unary':
      if (expression.operator.symbol === '-' && expression.operand.kind === 'number-literal')
        return ['number', String(-Number(expression.operand.text))];
      return ['operator', symbolOf(expression.operator), null, inner(expression.operand)];
    case 'binary':
      return ['operator', symbolOf(expression.operator), inner(expression.left), inner(expression.right)];
    case 'logical':
      return [expression.operator, ...expression.operands.map(inner)];
    case 'not':
      return ['not', inner(expression.operand)];
    case 'is-test':
      return ['is', `${expression.negated ? 'not ' : ''}${expression.test}`, inner(expression.operand)];
    case 'is-distinct-from':
      return [expression.negated ? 'not distinct' : 'distinct', inner(expression.left), inner(expression.right)];
    case 'between': {
      const tag = `${expression.negated ? 'not ' : ''}between${expression.symmetric ? ' symmetric' : ''}`;
      return [tag, inner(expression.operand), inner(expression.low), inner(expression.high)];
    }
    case 'in-list':
      return [expression.negated ? 'not in' : 'in', inner(expression.operand), ...expression.list.map(inner)];
    case 'like': {
      const tag = `${expression.negated ? 'not ' : ''}${expression.operator}`;
      return [tag, inner(expression.operand), inner(expression.pattern), expression.escape === null ? null : inner(expression.escape)];
    }
    case 'quantified-comparison': {
      const { operator, right } = expression;
      const symbol = operator.kind === 'operator-name' ? symbolOf(operator) : likeSymbol(operator);
      return [expression.quantifier, symbol, inner(expression.left), right.kind === 'query' ? ['query'] : inner(right)];
    }
    case 'cast':
      return ['cast', inner(expression.operand), canonicalType(expression.type)];
    case 'collate':
      return ['collate', inner(expression.operand), ...expression.collation.parts.map(foldIdentifier)];
    case 'at-time-zone':
      return ['time zone', inner(expression.operand), expression.zone === null ? null : inner(expression.zone)];
    case 'case': {
      const branches = expression.branches.map((branch): Canonical => ['when', inner(branch.condition), inner(branch.result)]);
      return ['case', ...branches, expression.otherwise === null ? null : inner(expression.otherwise)];
    }
    case 'row':
      return ['row', ...expression.fields.map(inner)];
    case 'array':
      return ['array', ...expression.elements.map(inner)];
    case 'subscript':
      return ['subscript', inner(expression.operand), inner(expression.index)];
    case 'field-access':
      return ['field', inner(expression.operand), foldIdentifier(expression.field)];
    case 'function-call':
      if (expression.star) return ['call', expression.name.parts.map(foldIdentifier).join('.'), '*'];
      return ['call', expression.name.parts.map(foldIdentifier).join('.'), ...expression.arguments.map((argument) => inner(argument.value))];
    default:
      return [`unknown ${expression.kind}`];
  }
}

function symbolOf(operator: OperatorName): string {
  return [...operator.schema.map(foldIdentifier), operator.symbol].join('.');
}

function likeSymbol(operator: { readonly operator: 'like' | 'ilike'; readonly negated: boolean }): string {
  return `${operator.negated ? '!' : ''}~~${operator.operator === 'ilike' ? '*' : ''}`;
}

function canonicalType(type: TypeName): string {
  if (type.kind === 'array-type') return `${canonicalType(type.element)}[]`;
  if (type.kind !== 'named-type') return type.kind;
  const name = foldCase(type.name.parts.at(-1)!.text);
  const modifiers = type.modifiers.map((modifier) => (modifier.kind === 'number-literal' ? modifier.text : '?'));
  return (typeSynonyms[name] ?? name) + (modifiers.length === 0 ? '' : `(${modifiers.join(',')})`);
}
