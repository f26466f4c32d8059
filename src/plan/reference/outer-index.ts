import { type Expression, splitConjuncts, visitExpression } from '../../expr/index.ts';
import { sameType } from '../../types/index.ts';
import { type FilterPlan, freeOuterColumns } from '../logical/index.ts';
import { type Row, rowKey } from './row.ts';

/** Rows of a filter's input by the value of one column, which an equality compares with a value from outside. */
export interface OuterIndex {
  readonly rows: ReadonlyMap<string, readonly Row[]>;
  /** The value from outside; reads no column of the row. */
  readonly wanted: Expression;
}

/** Null where the filter has no such equality, or its input itself depends on the rows around it. */
export function buildOuterIndex(plan: FilterPlan, inputRows: () => readonly Row[]): OuterIndex | null {
  const equality = splitConjuncts(plan.predicate)
    .map(columnEqualsOuter)
    .find((found) => found !== null);
  if (equality === undefined || equality === null || freeOuterColumns(plan.input).length > 0) return null;
  const rows = new Map<string, Row[]>();
  for (const row of inputRows()) {
    const value = row[equality.column] ?? null;
    if (value === null) continue;
    const key = rowKey([equality.wanted.type], [value]);
    const bucket = rows.get(key);
    if (bucket === undefined) rows.set(key, [row]);
    else bucket.push(row);
  }
  return { rows, wanted: equality.wanted };
}

function columnEqualsOuter(conjunct: Expression): { readonly column: number; readonly wanted: Expression } | null {
  if (conjunct.kind !== 'call' || conjunct.args.length !== 2 || !/^\S+ = \S+ -> bool$/.test(conjunct.signature)) return null;
  const [left, right] = conjunct.args as [Expression, Expression];
  if (!sameType(left.type, right.type)) return null;
  if (left.kind === 'column' && isOuter(right)) return { column: left.index, wanted: right };
  return right.kind === 'column' && isOuter(left) ? { column: right.index, wanted: left } : null;
}

/** An outer column, with conversions around it at most: it cannot depend on the row, and its errors are those of the first row. */
function isOuter(expression: Expression): boolean {
  let outer = false;
  let other = false;
  visitExpression(expression, (node) => {
    if (node.kind === 'outer-column') outer = true;
    else if (node.kind !== 'cast' || node.mode !== 'implicit') other = true;
  });
  return outer && !other;
}
