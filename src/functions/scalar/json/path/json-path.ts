import type { JsonValue } from '../../../../types/index.ts';
import type { ComparisonSymbol } from '../../comparison-symbol.ts';
import type { CompiledExpression } from '../../pattern/index.ts';

/** A path expression of SQL/JSON (SQL:2023, 9.46; PostgreSQL's jsonpath). */
export interface JsonPath {
  /** Lax paths look into arrays by themselves and find nothing where strict ones fail. */
  readonly lax: boolean;
  readonly root: PathNode;
}

export type PathNode =
  | { readonly kind: 'root' }
  | { readonly kind: 'current' }
  | { readonly kind: 'last' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: JsonValue }
  | { readonly kind: 'steps'; readonly base: PathNode; readonly steps: readonly PathStep[] }
  | { readonly kind: 'sign'; readonly operator: '+' | '-'; readonly operand: PathNode }
  | { readonly kind: 'arithmetic'; readonly operator: ArithmeticSymbol; readonly left: PathNode; readonly right: PathNode }
  | PathPredicate;

export type ArithmeticSymbol = '+' | '-' | '*' | '/' | '%';

/** What a filter tests; as a value it is true, false or, where it is unknown, null. */
export type PathPredicate =
  | { readonly kind: 'comparison'; readonly operator: ComparisonSymbol; readonly left: PathNode; readonly right: PathNode }
  | { readonly kind: 'and' | 'or'; readonly left: PathPredicate; readonly right: PathPredicate }
  | { readonly kind: 'not' | 'is-unknown'; readonly operand: PathPredicate }
  | { readonly kind: 'exists'; readonly operand: PathNode }
  | { readonly kind: 'starts-with'; readonly operand: PathNode; readonly prefix: PathNode }
  | { readonly kind: 'like-regex'; readonly operand: PathNode; readonly pattern: CompiledExpression };

export type PathStep =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'any-member' }
  | { readonly kind: 'any-element' }
  | { readonly kind: 'elements'; readonly ranges: readonly SubscriptRange[] }
  /** `.**`: what lies `from` to `to` levels below, the item itself being level 0; `last` is the deepest. */
  | { readonly kind: 'descendants'; readonly from: number | 'last'; readonly to: number | 'last' }
  | { readonly kind: 'filter'; readonly predicate: PathPredicate }
  | { readonly kind: 'method'; readonly name: PathMethod };

export interface SubscriptRange {
  readonly from: PathNode;
  /** Null for a single subscript. */
  readonly to: PathNode | null;
}

export const PATH_METHODS = ['type', 'size', 'double', 'number', 'integer', 'bigint', 'boolean', 'string', 'abs', 'floor', 'ceiling'] as const;

export type PathMethod = (typeof PATH_METHODS)[number];

const PREDICATES: ReadonlySet<string> = new Set(['comparison', 'and', 'or', 'not', 'is-unknown', 'exists', 'starts-with', 'like-regex']);

export function isPathPredicate(node: PathNode): node is PathPredicate {
  return PREDICATES.has(node.kind);
}
