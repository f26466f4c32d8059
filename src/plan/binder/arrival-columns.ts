import { physicalColumn, type Relation, type RelationColumn } from '../../catalog/index.ts';
import { type ArrivalName, type ImpliedColumn, impliedColumns } from '../../jobgraph/index.ts';
import { foldIdentifier, type Identifier, type Select } from '../../sql/index.ts';
import type { LogicalPlan } from '../logical/index.ts';
import type { QueryEnvironment } from './bind-state.ts';
import { type Arrival, columnOf } from './row-scope.ts';

const BY_ARRIVAL: ReadonlySet<string> = new Set(['latest_by_offset', 'earliest_by_offset']);

/** An aggregate of ksqlDB's that goes by the order of arrival. */
export function isByArrival(name: string): boolean {
  return BY_ARRIVAL.has(name);
}

/** True when a name of an implied column, or what needs one, stands anywhere in a SELECT: only then streams yield them. */
export function namesArrival(select: Select): boolean {
  return select.streamWindow !== null || mentions(select, (name) => isByArrival(name) || impliedColumns.some((column) => column.name === name));
}

function mentions(node: unknown, isWanted: (name: string) => boolean): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if (Array.isArray(node)) return node.some((item) => mentions(item, isWanted));
  if ((node as { readonly kind?: unknown }).kind === 'identifier') return isWanted(foldIdentifier(node as Identifier));
  return Object.values(node).some((value) => mentions(value, isWanted));
}

/** The columns a connector stream has undeclared. Its rows come straight from messages; those of a table are kept, and only what is declared of them. */
export function impliedOf(relation: Relation, { readsArrival, state }: QueryEnvironment): readonly ImpliedColumn[] {
  const connector = relation.options?.get('connector');
  if (!readsArrival || relation.kind !== 'stream' || connector === undefined) return [];
  const supplied = state.context.suppliedMetadata?.(connector);
  return impliedColumns.filter(({ key }) => supplied?.has(key));
}

/** The target of an INSERT that gives ROWTIME: with a column for it, where messages have a time and no declared column has the name. */
export function withMessageTime(relation: Relation, columns: readonly Identifier[], { state }: QueryEnvironment): Relation {
  const { name, key, type } = impliedColumns[0]!;
  const connector = relation.options?.get('connector');
  const named = columns.some((column) => foldIdentifier(column) === name) && relation.columns.every((column) => column.name !== name);
  if (!named || connector === undefined || !state.context.suppliedMetadata?.(connector).has(key)) return relation;
  const time: RelationColumn = { ...physicalColumn(name, type), source: { kind: 'metadata', key, virtual: false } };
  return { ...relation, columns: [...relation.columns, time] };
}

/** ROWTIME is the time WATERMARK FOR names, or else the message's; what is neither declared nor implied is missing. */
export function arrivalOf({ columns, watermark }: Relation, plan: LogicalPlan): Arrival {
  const positionOf = (name: ArrivalName, key: string): number => {
    const declared = columns.findIndex(({ source }) => source.kind === 'metadata' && source.key === key);
    const implied = plan.fields.findIndex((field, index) => index >= columns.length && field.name === name);
    return declared < 0 ? implied : declared;
  };
  const arrival: [ArrivalName, number][] = impliedColumns.map(({ name, key }) => [name, positionOf(name, key)]);
  const timed = arrival.map(([name, position]): [ArrivalName, number] => [name, name === 'rowtime' ? (watermark?.column ?? position) : position]);
  return Object.fromEntries(
    timed.flatMap(([name, position]) => (position < 0 ? [] : [[name, { name, expression: columnOf(position, plan.fields[position]!) }]])),
  );
}
