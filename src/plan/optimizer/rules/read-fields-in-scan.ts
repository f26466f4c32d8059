import type { Relation } from '../../../catalog/index.ts';
import { type Expression, expressionChildren, withExpressionChildren } from '../../../expr/index.ts';
import type { SqlType } from '../../../types/index.ts';
import { type Field, type LogicalPlan, mapPlan, mapPlanExpressions, planExpressions, rowColumns, type ScanPlan } from '../../logical/index.ts';
import { hasSubquery } from '../expression-facts.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';

/**
 * `(bid).auction` over a scan becomes a path of the scan, so that a format decodes just that field. Applies to a Project or Aggregate above
 * filters above a scan of a connector's stream, for ROW columns of which only fields are used.
 */
export const readFieldsInScan: OptimizerRule = {
  name: 'read-fields-in-scan',
  apply: (plan) => mapPlan(plan, rewrite),
};

function rewrite(node: LogicalPlan): LogicalPlan {
  if (node.kind !== 'project' && node.kind !== 'aggregate') return node;
  const chain = chainTo(node);
  if (chain === null) return node;
  const { scan, nodes } = chain;
  const expressions = nodes.flatMap((part) => planExpressions(part));
  if (scan.variant !== 'rows' || !readsFields(scan.relation) || expressions.some(hasSubquery)) return node;
  const paths = new Map<string, { readonly path: readonly number[]; readonly type: SqlType; readonly name: string }>();
  const whole = new Set<number>();
  for (const expression of expressions) collect(expression, scan, { paths, whole });
  const added = [...paths.values()].filter(({ path }) => !whole.has(path[0]!));
  if (added.length === 0) return node;
  const positions = new Map(added.map(({ path }, index) => [path.join('.'), scan.fields.length + index]));
  const fields: Field[] = [...scan.fields, ...added.map(({ name, type }) => ({ name, type }))];
  const wider: ScanPlan = { ...scan, paths: [...scan.paths, ...added.map(({ path }) => [...scan.paths[path[0]!]!, ...path.slice(1)])], fields };
  return rebuild(node, wider, (expression) => replacePaths(expression, positions));
}

/** Relations that keep rows keep whole values; the source of a changelog has an operator behind it that takes all columns. */
function readsFields({ kind, options, appendOnly }: Relation): boolean {
  return kind === 'stream' && options !== null && appendOnly;
}

/** The nodes from a Project or Aggregate down to a scan, filters only in between. */
function chainTo(node: LogicalPlan): { scan: ScanPlan; nodes: LogicalPlan[] } | null {
  const nodes: LogicalPlan[] = [node];
  let below = node.kind === 'project' || node.kind === 'aggregate' ? node.input : null;
  while (below?.kind === 'filter') {
    nodes.push(below);
    below = below.input;
  }
  return below?.kind === 'scan' ? { scan: below, nodes } : null;
}

function rebuild(node: LogicalPlan, scan: ScanPlan, change: (expression: Expression) => Expression): LogicalPlan {
  if (node.kind === 'scan') return scan;
  const changed = mapPlanExpressions(node, change);
  if (changed.kind === 'filter') {
    const input = rebuild(changed.input, scan, change);
    return { ...changed, input, fields: input.fields };
  }
  return changed.kind === 'project' || changed.kind === 'aggregate' ? { ...changed, input: rebuild(changed.input, scan, change) } : changed;
}

interface Uses {
  readonly paths: Map<string, { readonly path: readonly number[]; readonly type: SqlType; readonly name: string }>;
  /** Columns read as a whole somewhere. */
  readonly whole: Set<number>;
}

function collect(expression: Expression, scan: ScanPlan, uses: Uses): void {
  const path = pathOf(expression);
  if (path !== null && expression.kind === 'field') {
    const row = expression.input.type;
    const name = row.kind === 'row' ? row.fields[expression.index]!.name : scan.fields[path[0]!]!.name;
    uses.paths.set(path.join('.'), { path, type: expression.type, name });
    return;
  }
  if (expression.kind === 'column') for (const column of rowColumns(expression)) uses.whole.add(column);
  for (const child of expressionChildren(expression)) collect(child, scan, uses);
}

/** Column and fields of a chain of field accesses; null for any other expression. */
function pathOf(expression: Expression): number[] | null {
  if (expression.kind === 'column') return [expression.index];
  if (expression.kind !== 'field') return null;
  const below = pathOf(expression.input);
  return below === null ? null : [...below, expression.index];
}

function replacePaths(expression: Expression, positions: ReadonlyMap<string, number>): Expression {
  const path = expression.kind === 'field' ? pathOf(expression) : null;
  const position = path === null ? undefined : positions.get(path.join('.'));
  if (position !== undefined && expression.kind === 'field' && expression.input.type.kind === 'row') {
    const name = expression.input.type.fields[expression.index]!.name;
    return { kind: 'column', index: position, name, type: expression.type, span: expression.span };
  }
  const children = expressionChildren(expression);
  const replaced = children.map((child) => replacePaths(child, positions));
  return replaced.some((child, index) => child !== children[index]) ? withExpressionChildren(expression, replaced) : expression;
}
