import { unreachable } from '../../base/index.ts';
import { type DerivedTable, type FromItem, foldIdentifier, type Select, type TableReference } from '../../sql/index.ts';
import type { LogicalPlan } from '../logical/index.ts';
import { bindJoin, crossJoin } from './bind-join.ts';
import { bindMatchRecognize } from './bind-match-recognize.ts';
import { bindRelationName } from './bind-relation.ts';
import { type QueryEnvironment, revealLateral, warnOf } from './bind-state.ts';
import { bindTableFunction } from './bind-table-function.ts';
import { bindWindowTableFunction } from './bind-window-table-function.ts';
import { notSupported } from './binder-error.ts';
import { BroadcastHint } from './broadcast-hint.ts';
import { reportHints, reportTableHints } from './known-hints.ts';
import { LookupHint } from './lookup-hint.ts';
import { PartitionHint } from './partition-hint.ts';
import { ReroutingHint } from './rerouting-hint.ts';
import { type BoundFrom, emptyRow } from './row-scope.ts';
import { StateTtlHint } from './state-ttl-hint.ts';
import { aliasPlan } from './table-alias.ts';

/** Binds an item of FROM with all that is inside it. */
type ItemBinder = (item: FromItem, environment: QueryEnvironment) => BoundFrom;

/** A hint of a SELECT about items of its FROM. */
interface ItemHint {
  /** The plan of an item with what the hint says of it. */
  apply(item: FromItem, plan: LogicalPlan): LogicalPlan;
  /** After all items. */
  finish(): void;
}

/** A FROM clause; without one a single row without columns. */
export function bindFromList(select: Pick<Select, 'from' | 'hints'>, environment: QueryEnvironment): BoundFrom {
  reportHints(select.hints, warnOf(environment.state));
  const [first, ...rest] = select.from;
  if (first === undefined) return { plan: { kind: 'values', rows: [[]], fields: [] }, row: emptyRow };
  const hints: readonly ItemHint[] = [
    new StateTtlHint(select),
    new LookupHint(select, environment),
    new ReroutingHint(select, environment),
    new PartitionHint(select),
    new BroadcastHint(select, environment),
  ];
  const bindItem: ItemBinder = (item, inner) => {
    const { plan, row } = bindItemOf(item, inner, bindItem);
    return { plan: hints.reduce((hinted, hint) => hint.apply(item, hinted), plan), row };
  };
  const bound = rest.reduce((left, item) => crossJoin(left, item, environment, bindItem), bindItem(first, environment));
  for (const hint of hints) hint.finish();
  return bound;
}

/** Further items of a comma list behind what is there, as UPDATE … FROM and DELETE … USING have them. */
export function crossJoinAll(left: BoundFrom, items: readonly FromItem[], environment: QueryEnvironment): BoundFrom {
  return items.reduce((joined, item) => crossJoin(joined, item, environment, bindFromItem), left);
}

function bindFromItem(item: FromItem, environment: QueryEnvironment): BoundFrom {
  return bindItemOf(item, environment, bindFromItem);
}

function bindItemOf(item: FromItem, environment: QueryEnvironment, bindItem: ItemBinder): BoundFrom {
  switch (item.kind) {
    case 'table-reference':
      return bindTableReference(item, environment);
    case 'derived-table':
      return bindDerivedTable(item, environment);
    case 'table-function':
      return bindTableFunction(item, environment);
    case 'window-table-function':
      return bindWindowTableFunction(item, declaredOnly(environment));
    case 'join': {
      const joined = bindJoin(item, environment, bindItem);
      return item.alias === null ? joined : aliasJoin(joined, item);
    }
    case 'match-recognize':
      return bindMatchRecognize(item, bindItem(item.input, declaredOnly(environment)), environment);
    default:
      return unreachable(item);
  }
}

/** For what passes on all columns of a row: none that no star shows. */
function declaredOnly(environment: QueryEnvironment): QueryEnvironment {
  return { ...environment, readsArrival: false };
}

function bindTableReference(item: TableReference, environment: QueryEnvironment): BoundFrom {
  reportTableHints(item.hints, warnOf(environment.state));
  if (item.systemTime !== null) {
    throw notSupported(
      'FOR SYSTEM_TIME AS OF is supported only on the right side of a JOIN … ON',
      item.systemTime.span,
      'Join the current rows, or read one epoch with AS OF EPOCH.',
    );
  }
  if (item.sample !== null) throw notSupported('TABLESAMPLE is not supported', item.sample.span, 'Use ORDER BY random() LIMIT n.');
  return bindRelationName(item.name, item.alias, environment);
}

function bindDerivedTable(item: DerivedTable, environment: QueryEnvironment): BoundFrom {
  const inner = item.lateral ? revealLateral(environment) : environment;
  const plan = environment.state.binders.query(item.query, declaredOnly(inner));
  return aliasPlan({ plan, name: 'unnamed_subquery', schema: null, alias: item.alias });
}

/** `(a JOIN b USING (x)) AS j` hides the tables inside; merged columns become real ones. */
function aliasJoin(joined: BoundFrom, item: Extract<FromItem, { kind: 'join' }>): BoundFrom {
  const fields = joined.row.columns.map((column) => ({ name: column.name, type: column.expression.type }));
  const plan = { kind: 'project', input: joined.plan, expressions: joined.row.columns.map((column) => column.expression), fields } as const;
  return aliasPlan({ plan, name: foldIdentifier(item.alias!.name), schema: null, alias: item.alias });
}
