import { keyedInput, type MaterializedTarget, type OperatorNode, type PhysicalPlan } from '../../plan/physical/index.ts';
import { materializeSpecCodec } from './spec.ts';

/**
 * Keeps a relation readable. A row and its retraction must meet, so an updating input is routed by its unique key (or all its columns) unless it lies
 * hashed by a prefix already; rows that are only added may stay where they are.
 */
export function materializeNode(input: PhysicalPlan, relation: MaterializedTarget): OperatorNode {
  const unique = relation.upsertKey ?? [...input.uniqueKeys].sort((left, right) => left.length - right.length)[0] ?? null;
  const all = input.columns.map((_, index) => index);
  const single = input.distribution.kind === 'single';
  const ordered = orderedKey(input, unique ?? all);
  const keyed = single || input.appendOnly ? null : keyedInput(input, ordered);
  const spec = {
    relation: relation.id,
    name: relation.name,
    key: unique === null ? null : ordered,
    partitionKeys: single ? [] : ordered.slice(0, keyed?.partitionKeyCount ?? ordered.length),
    net: input.net,
    upsert: relation.upsertKey !== undefined,
    retentionMs: relation.retentionMs ?? null,
  };
  const retention = spec.retentionMs;
  return {
    kind: 'operator',
    operator: {
      kind: materializeSpecCodec.kind,
      version: materializeSpecCodec.version,
      parameters: materializeSpecCodec.encode(spec),
      label: `Materialize ${relation.name}${shownKey(unique && ordered.map((index) => input.columns[index]!.name))}`,
    },
    state: {
      kept: [
        {
          what: `rows of ${relation.name}`,
          key: unique === null ? [] : ordered.map((index) => input.columns[index]!),
          columns: input.columns.filter((_, index) => unique === null || !ordered.includes(index)),
          bound: retention === null ? { kind: 'result' } : { kind: 'time', by: 'epoch time', until: `${retention} ms after they were written` },
        },
      ],
      content: 'input',
    },
    inputs: [keyed?.input ?? { plan: input, partitioner: { kind: 'forward' } }],
    parallelism: single ? 'one' : 'all',
    ...(retention !== null && { expires: true }),
    columns: input.columns,
    appendOnly: input.appendOnly,
    net: true,
    distribution: single ? input.distribution : keyed === null ? { kind: 'any' } : { kind: 'hash', keys: ordered.slice(0, keyed.partitionKeyCount) },
    uniqueKeys: input.uniqueKeys,
    window: input.window,
    latenessMicros: input.latenessMicros,
  };
}

/** How EXPLAIN says what rows are found by: nothing where there is no key, one row where the key has no columns. */
function shownKey(columns: readonly string[] | null): string {
  if (columns === null) return '';
  return columns.length === 0 ? ' · one row' : ` by ${columns.join(', ')}`;
}

/** The key with the columns the input is hashed by in front, so that no exchange is needed. */
function orderedKey(input: PhysicalPlan, key: readonly number[]): readonly number[] {
  if (input.distribution.kind !== 'hash') return key;
  const hashed = input.distribution.keys;
  if (!hashed.every((column) => key.includes(column))) return key;
  return [...hashed, ...key.filter((column) => !hashed.includes(column))];
}
