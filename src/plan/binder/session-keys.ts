import type { Expression } from '../../expr/index.ts';
import { type Expression as AstExpression, foldIdentifier, type Select, type SelectItem, type Span } from '../../sql/index.ts';
import { bind, plainScope, type QueryEnvironment } from './bind-state.ts';
import { notSupported } from './binder-error.ts';
import { resolveUnknown } from './coercion.ts';
import { isGroupWindowCall } from './group-window-call.ts';
import type { BoundFrom } from './row-scope.ts';

/** Names of the window's own bounds, which no session is made by. */
const BOUNDS: ReadonlySet<string> = new Set(['window_start', 'window_end', 'window_time', 'windowstart', 'windowend']);

interface SessionPlace {
  readonly from: BoundFrom;
  readonly environment: QueryEnvironment;
  /** Of the window, for errors. */
  readonly span: Span;
}

/** The keys of a GROUP BY with a SESSION window, over the row of FROM: ordinals and output names resolved, the window itself left out. */
export function sessionKeys(select: Select, place: SessionPlace): Expression[] {
  const scope = plainScope(place.environment, place.from.row, 'GROUP BY');
  if (select.groupBy === null) return [];
  if (select.groupBy.all || select.groupBy.elements.some((element) => element.kind === 'grouping-sets')) {
    throw notSupported(
      'SESSION together with GROUP BY ALL or grouping sets is not supported',
      place.span,
      'Use FROM SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), gap).',
    );
  }
  return select.groupBy.elements
    .flatMap((element) => (element.kind === 'grouping-sets' ? [] : element.expressions))
    .filter((node) => !isGroupWindowCall(node) && !isBound(node))
    .map((node) => resolveUnknown(bind(selected(node, select.items, place.from) ?? node, scope), scope.state));
}

function isBound(node: AstExpression): boolean {
  return node.kind === 'column-reference' && node.name.length === 1 && BOUNDS.has(foldIdentifier(node.name[0]!));
}

/** What an ordinal or an output name of the select list stands for; null for anything else. */
function selected(node: AstExpression, items: readonly SelectItem[], from: BoundFrom): AstExpression | null {
  if (node.kind === 'number-literal') return items[Number(node.text) - 1]?.expression ?? null;
  if (node.kind !== 'column-reference' || node.name.length !== 1) return null;
  const name = foldIdentifier(node.name[0]!);
  if (from.row.columns.some((column) => column.name === name)) return null;
  return items.find((item) => item.alias !== null && foldIdentifier(item.alias) === name)?.expression ?? null;
}
