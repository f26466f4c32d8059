import { SqlError, SqlState, unreachable } from '../../base/index.ts';
import type { Expression as AstExpression, GroupByClause, GroupingElement } from '../../sql/index.ts';

const GROUPING_SETS_MAX = 4096;

/**
 * GROUP BY with its ROLLUPs, CUBEs and GROUPING SETS multiplied out (SQL:2016, 7.13): each set lists positions of distinct keys. `keyOf` gives
 * the position of an expression's key, adding it when it is new.
 */
export function expandGroupingSets(clause: GroupByClause, keyOf: (node: AstExpression) => number): number[][] {
  let sets: number[][] = [[]];
  for (const element of clause.elements) {
    const alternatives = expandElement(element, keyOf);
    sets = sets.flatMap((left) => alternatives.map((right) => union(left, right)));
    if (sets.length > GROUPING_SETS_MAX) {
      throw new SqlError({
        code: SqlState.statementTooComplex,
        message: `too many grouping sets present (maximum ${GROUPING_SETS_MAX})`,
        position: clause.span.start,
      });
    }
  }
  if (!clause.distinct) return sets;
  const seen = new Set<string>();
  return sets.filter((set) => {
    const key = [...set].sort((left, right) => left - right).join(',');
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function expandElement(element: GroupingElement, keyOf: (node: AstExpression) => number): number[][] {
  if (element.kind === 'grouping-expression') return [element.expressions.reduce<number[]>((set, node) => union(set, [keyOf(node)]), [])];
  const parts = element.elements.map((part) => expandElement(part, keyOf));
  switch (element.type) {
    case 'grouping sets':
      return parts.flat();
    case 'rollup':
      return Array.from({ length: parts.length + 1 }, (_, dropped) => merge(parts.slice(0, parts.length - dropped)));
    case 'cube':
      return subsets(parts).map(merge);
    default:
      return unreachable(element.type);
  }
}

/** Each part of a ROLLUP or CUBE is one set: `(a, b)` counts as a unit. */
function merge(parts: readonly number[][][]): number[] {
  return parts.reduce<number[]>((set, part) => union(set, part[0] ?? []), []);
}

/** All subsets, the full one first, in the order PostgreSQL lists them. */
function subsets<Part>(parts: readonly Part[]): Part[][] {
  const [first, ...rest] = parts;
  if (first === undefined) return [[]];
  const smaller = subsets(rest);
  return [...smaller.map((set) => [first, ...set]), ...smaller];
}

function union(left: readonly number[], right: readonly number[]): number[] {
  return [...left, ...right.filter((position) => !left.includes(position))];
}
