import type { Expression } from '../../expr/index.ts';
import { splitTemporalFilter } from '../../plan/logical/index.ts';
import { keyedInput, type Lowering, type PhysicalPlan } from '../../plan/physical/index.ts';
import { calcNode, passThrough } from '../calc/lower.ts';
import { type TemporalFilterSpec, temporalFilterSpecCodec } from './spec.ts';

/** WHERE with bounds by now(). */
export const lowerTemporalFilter: Lowering = {
  operator: 'temporal-filter',
  lower(plan, context) {
    if (plan.kind !== 'filter') return null;
    const { conditions, rest } = splitTemporalFilter(plan.predicate);
    if (conditions.length === 0) return null;
    const input = context.lower(plan.input);
    const columns = passThrough(input);
    const bounds = conditions.map(({ row, operator, shiftMicros }) => {
      const column = row.kind === 'column' ? row.index : columns.push({ name: `bound${columns.length}`, expression: row }) - 1;
      return { column, operator, shiftMicros };
    });
    return temporalFilter(calcNode(input, conjunction(rest), columns), { bounds, width: input.columns.length });
  },
};

function conjunction(conditions: readonly Expression[]): Expression | null {
  return conditions.length <= 1 ? (conditions[0] ?? null) : { kind: 'logical', operator: 'and', args: conditions, type: { kind: 'bool' } };
}

function temporalFilter(input: PhysicalPlan, filter: Pick<TemporalFilterSpec, 'bounds' | 'width'>): PhysicalPlan {
  const { bounds, width } = filter;
  const single = input.distribution.kind === 'single';
  // A row and its retraction must meet, and its state must be found again, so rows are routed by what tells them apart.
  const unique = [...input.uniqueKeys].sort((left, right) => left.length - right.length)[0];
  const hashed = input.distribution.kind === 'hash' ? input.distribution.keys : [];
  const keys = hashed.length > 0 ? hashed : (unique ?? Array.from({ length: width }, (_, column) => column));
  const keyed = single ? null : keyedInput(input, keys);
  const partitionBy = keyed === null ? [] : keys.slice(0, keyed.partitionKeyCount);
  const leaves = bounds.some(({ operator }) => operator === '>' || operator === '>=');
  const label = bounds.map(
    ({ column, operator, shiftMicros }) =>
      `${input.columns[column]!.name} ${operator} now() ${shiftMicros < 0n ? '-' : '+'} ${shiftMicros < 0n ? -shiftMicros : shiftMicros} us`,
  );
  return {
    kind: 'operator',
    operator: {
      kind: temporalFilterSpecCodec.kind,
      version: temporalFilterSpecCodec.version,
      parameters: temporalFilterSpecCodec.encode({ bounds, width, partitionBy, partitionKeyCount: partitionBy.length }),
      label: `Temporal filter ${label.join(' AND ')}`,
    },
    state: {
      kept: [
        {
          what: leaves ? 'rows that will leave or are still to come' : 'rows shown or still to come',
          key: [],
          columns: input.columns,
          bound: leaves
            ? { kind: 'time', by: 'now', until: 'a row goes when it leaves the filter' }
            : { kind: 'content', input: 0, remedy: "add a lower bound, such as time > now() - INTERVAL '1 hour', so that rows leave" },
        },
      ],
      content: leaves ? 'time' : 'input',
    },
    inputs: [keyed?.input ?? { plan: input, partitioner: { kind: 'forward' } }],
    parallelism: single ? 'one' : 'all',
    timed: true,
    columns: input.columns.slice(0, width),
    appendOnly: input.appendOnly && !leaves,
    net: true,
    distribution: single ? input.distribution : { kind: 'hash', keys: partitionBy },
    uniqueKeys: input.uniqueKeys,
    window: input.window,
    latenessMicros: input.latenessMicros,
  };
}
