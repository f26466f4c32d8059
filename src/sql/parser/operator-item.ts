import type {
  BetweenExpression,
  Expression,
  IsTest,
  LikeExpression,
  LikeOperatorName,
  OperatorName,
  QualifiedName,
  Query,
  Span,
  TypeName,
} from '../ast/index.ts';
import { Precedence, type PrecedenceLevel, symbolPrecedence } from './precedence.ts';

/**
 * An operator as the grammar reads it, before the resolver gives it its operands. The grammar returns a flat list of operands
 * (expressions) and these items.
 */
export type OperatorItem = PrefixItem | InfixItem | LogicalItem | PostfixItem | BetweenItem | LikeItem | EscapeItem;

interface ItemBase {
  readonly kind: 'operator-item';
  readonly precedence: PrecedenceLevel;
  readonly span: Span;
}

export interface PrefixItem extends ItemBase {
  readonly form: 'prefix';
  /** The lowest level its operand may hold. */
  readonly operandPrecedence: number;
  readonly build: (operand: Expression, span: Span) => Expression;
}

export interface InfixItem extends ItemBase {
  readonly form: 'infix';
  readonly build: (left: Expression, right: Expression, span: Span) => Expression;
}

export interface LogicalItem extends ItemBase {
  readonly form: 'logical';
  readonly operator: 'and' | 'or';
}

export interface PostfixItem extends ItemBase {
  readonly form: 'postfix';
  readonly build: (operand: Expression, span: Span) => Expression;
}

/** Takes a second AND behind it, which the resolver finds. */
export interface BetweenItem extends ItemBase {
  readonly form: 'between';
  readonly symmetric: boolean;
  readonly negated: boolean;
  readonly build: (operands: Pick<BetweenExpression, 'operand' | 'low' | 'high'>, span: Span) => Expression;
}

/** May take an ESCAPE behind it. */
export interface LikeItem extends ItemBase {
  readonly form: 'like';
  readonly build: (operands: Pick<LikeExpression, 'operand' | 'pattern' | 'escape'>, span: Span) => Expression;
}

export interface EscapeItem extends ItemBase {
  readonly form: 'escape';
}

export function prefixNot(span: Span): PrefixItem {
  return {
    kind: 'operator-item',
    form: 'prefix',
    precedence: Precedence.not,
    operandPrecedence: Precedence.not,
    span,
    build: (operand, whole) => ({ kind: 'not', operand, span: whole }),
  };
}

/** Plus and minus bind like a sign, every other prefix operator like an infix one. */
export function prefixOperator(operator: OperatorName): PrefixItem {
  const isSign = operator.schema.length === 0 && (operator.symbol === '-' || operator.symbol === '+');
  return {
    kind: 'operator-item',
    form: 'prefix',
    precedence: isSign ? Precedence.sign : Precedence.otherOperator,
    operandPrecedence: isSign ? Precedence.sign : Precedence.otherOperator + 1,
    span: operator.span,
    build: (operand, span) => ({ kind: 'unary', operator, operand, span }),
  };
}

export function infixOperator(operator: OperatorName): InfixItem {
  return infix(operatorPrecedence(operator), operator.span, (left, right, span) => ({ kind: 'binary', operator, left, right, span }));
}

/** AND and OR: the resolver makes one node of a chain, however its left part was parenthesised. */
export function logicalOperator(operator: 'and' | 'or', span: Span): LogicalItem {
  return { kind: 'operator-item', form: 'logical', precedence: operator === 'and' ? Precedence.and : Precedence.or, operator, span };
}

export function distinctFromOperator(negated: boolean, span: Span): InfixItem {
  return infix(Precedence.is, span, (left, right, whole) => ({ kind: 'is-distinct-from', left, right, negated, operatorSpan: span, span: whole }));
}

export function atTimeZoneOperator(span: Span): InfixItem {
  return infix(Precedence.atTimeZone, span, (operand, zone, whole) => ({ kind: 'at-time-zone', operand, zone, span: whole }));
}

export function atLocalOperator(span: Span): PostfixItem {
  return postfix(Precedence.atTimeZone, span, (operand, whole) => ({ kind: 'at-time-zone', operand, zone: null, span: whole }));
}

export function castOperator(type: TypeName, span: Span): PostfixItem {
  return postfix(Precedence.cast, span, (operand, whole) => ({ kind: 'cast', operand, type, onError: 'fail', span: whole }));
}

export function collateOperator(collation: QualifiedName, span: Span): PostfixItem {
  return postfix(Precedence.collate, span, (operand, whole) => ({ kind: 'collate', operand, collation, span: whole }));
}

export function isTestOperator(test: IsTest['test'], negated: boolean, span: Span): PostfixItem {
  return postfix(Precedence.is, span, (operand, whole) => ({ kind: 'is-test', operand, test, negated, span: whole }));
}

/** What stands between parentheses: one query, or expressions. */
export interface ParenthesizedContent {
  readonly query: Query | null;
  readonly expressions: readonly Expression[];
  readonly span: Span;
}

export function inOperator(content: ParenthesizedContent, negated: boolean, span: Span): PostfixItem {
  const { query, expressions } = content;
  return postfix(Precedence.membership, span, (operand, whole) =>
    query === null
      ? { kind: 'in-list', operand, list: expressions, negated, operatorSpan: span, span: whole }
      : { kind: 'in-subquery', operand, query, negated, operatorSpan: span, span: whole },
  );
}

export function quantifiedOperator(parts: {
  readonly operator: OperatorName | LikeOperatorName;
  readonly quantifier: 'any' | 'all';
  readonly content: ParenthesizedContent;
  readonly span: Span;
}): PostfixItem {
  const { operator, quantifier, content } = parts;
  const level = operator.kind === 'operator-name' ? operatorPrecedence(operator) : Precedence.membership;
  const right: Expression | Query = content.query ?? singleExpression(content);
  return postfix(level, parts.span, (left, span) => ({ kind: 'quantified-comparison', left, operator, quantifier, right, span }));
}

function singleExpression(content: ParenthesizedContent): Expression {
  const [only, ...rest] = content.expressions;
  return only !== undefined && rest.length === 0 ? only : { kind: 'row', fields: content.expressions, explicit: false, span: content.span };
}

export function likeOperator(operator: LikeExpression['operator'], negated: boolean, span: Span): LikeItem {
  return {
    kind: 'operator-item',
    form: 'like',
    precedence: Precedence.membership,
    span,
    build: (operands, whole) => ({ kind: 'like', operator, ...operands, negated, operatorSpan: span, span: whole }),
  };
}

export function escapeOperator(span: Span): EscapeItem {
  return { kind: 'operator-item', form: 'escape', precedence: Precedence.escape, span };
}

export function betweenOperator(symmetric: boolean, negated: boolean, span: Span): BetweenItem {
  return {
    kind: 'operator-item',
    form: 'between',
    precedence: Precedence.membership,
    symmetric,
    negated,
    span,
    build: (operands, whole) => ({ kind: 'between', ...operands, symmetric, negated, operatorSpan: span, span: whole }),
  };
}

function operatorPrecedence(operator: OperatorName): PrecedenceLevel {
  return operator.schema.length > 0 ? Precedence.otherOperator : symbolPrecedence(operator.symbol);
}

function infix(precedence: PrecedenceLevel, span: Span, build: InfixItem['build']): InfixItem {
  return { kind: 'operator-item', form: 'infix', precedence, span, build };
}

function postfix(precedence: PrecedenceLevel, span: Span, build: PostfixItem['build']): PostfixItem {
  return { kind: 'operator-item', form: 'postfix', precedence, span, build };
}
