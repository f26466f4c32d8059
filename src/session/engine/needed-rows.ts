import { type Expression, type FunctionLookup, isImmutable, splitConjuncts } from '../../expr/index.ts';
import { allOf, type LogicalPlan, type NeededRowsTarget, overReadLeaf, planInputs, type ScanPlan, scansOf } from '../../plan/index.ts';

/** What a read needs of those of its scans that it need not read whole; predicates are over their `readLeaf`. */
export function neededRows(plan: LogicalPlan, functions: FunctionLookup): ReadonlyMap<ScanPlan, NeededRowsTarget> {
  const needed = new Map<ScanPlan, NeededRowsTarget>();
  visit(plan, null, { needed, functions });
  const seen = new Set<ScanPlan>();
  for (const scan of scansOf(plan)) {
    // What one of its readers does not need another one may.
    if (seen.has(scan)) needed.delete(scan);
    seen.add(scan);
  }
  return needed;
}

interface Found {
  readonly needed: Map<ScanPlan, NeededRowsTarget>;
  readonly functions: FunctionLookup;
}

/** `enough`: rows of the plan that are wanted; null: all. */
function visit(plan: LogicalPlan, enough: number | null, found: Found): void {
  const { needed, functions } = found;
  switch (plan.kind) {
    case 'limit':
      visit(plan.input, plan.withTies ? null : least(enough, rowsWanted(plan)), found);
      break;
    case 'project':
      visit(plan.input, enough, found);
      break;
    case 'filter': {
      const all = splitConjuncts(plan.predicate);
      const immutable = all.filter((condition) => isImmutable(condition, functions));
      if (plan.input.kind === 'scan') {
        const predicate = allOf(immutable);
        const needsAll = immutable.length < all.length;
        const target = { predicate: predicate && overReadLeaf(predicate, plan.input), enough: needsAll ? null : enough };
        if (target.predicate !== null || target.enough !== null) needed.set(plan.input, target);
      } else visit(plan.input, null, found);
      break;
    }
    case 'scan':
      if (enough !== null) needed.set(plan, { predicate: null, enough });
      break;
    default:
      for (const input of planInputs(plan)) visit(input, null, found);
  }
}

function least(left: number | null, right: number | null): number | null {
  return left === null || right === null ? (left ?? right) : Math.min(left, right);
}

/** Null where that is not known before, or is the executor's to refuse. */
function rowsWanted({ limit, offset }: Extract<LogicalPlan, { kind: 'limit' }>): number | null {
  const rows = countOf(limit);
  const skipped = offset === null ? 0 : countOf(offset);
  if (rows === null || skipped === null) return null;
  const wanted = Math.max(1, rows + skipped);
  return Number.isSafeInteger(wanted) ? wanted : null;
}

function countOf(expression: Expression | null): number | null {
  if (expression?.kind !== 'literal' || expression.value === null) return null;
  const count = Number(expression.value);
  return count >= 0 ? count : null;
}
