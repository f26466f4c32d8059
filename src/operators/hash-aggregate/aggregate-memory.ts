import type { KeptState, LoweringContext, StateBound } from '../../plan/physical/index.ts';
import type { AggregateInput } from './aggregate-input.ts';

const VALUES_REMEDY = 'group by a window over event time, so that groups close, or use an aggregate that keeps no values, such as count or sum';
const TIME_REMEDY = 'group by a window of the event time (TUMBLE, HOP, SESSION) instead of the time itself, so that groups close';

/** What an aggregation keeps: `closedBy` ends groups, null where they stay. */
export function aggregateMemory(
  { input, keyCount, calls }: AggregateInput,
  closedBy: StateBound | null,
  { aggregates }: Pick<LoweringContext, 'aggregates'>,
): KeptState[] {
  const key = input.columns.slice(0, keyCount);
  const results = calls.map((call) => ({ name: call.signature, type: call.type }));
  const groups: KeptState = {
    what: calls.length === 0 ? 'each different row' : keyCount === 0 ? 'the one group' : 'a row of each group',
    key,
    columns: results,
    bound: closedBy ?? groupBound(input, keyCount),
  };
  const values = calls.flatMap((call): KeptState[] => {
    const keeps = aggregates.get(call.signature)?.keepsValues ?? 'never';
    if (!call.distinct && (keeps === 'never' || (keeps === 'unless-append-only' && input.appendOnly))) return [];
    const columns = call.args.map((column) => input.columns[column]!);
    const name = call.signature.slice(0, call.signature.indexOf('('));
    const what = `${call.distinct ? 'different ' : ''}values of ${name}(${columns.map((column) => column.name).join(', ')})`;
    const bound: StateBound = closedBy ?? (call.distinct ? { kind: 'keys' } : { kind: 'content', input: 0, remedy: VALUES_REMEDY });
    return [{ what, key: call.distinct ? [...key, ...columns] : key, columns: call.distinct ? [] : columns, bound }];
  });
  return [groups, ...values];
}

/** A key that is an event time has another value for ever new rows. */
function groupBound(input: AggregateInput['input'], keyCount: number): StateBound {
  if (keyCount === 0) return { kind: 'fixed', by: 'one row' };
  return (input.eventTimes ?? []).some((column) => column < keyCount) ? { kind: 'content', input: 0, remedy: TIME_REMEDY } : { kind: 'keys' };
}
