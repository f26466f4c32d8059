import { type Relation, storageNumber } from '../../catalog/index.ts';
import type { OperatorNode, SourceRootOptions } from '../../plan/physical/index.ts';
import { type SourceColumnOrigin, type SourceKeySpec, type SourceSpec, sourceSpecCodec } from './spec.ts';

/** The reading side of a stream or stored table. */
export function sourceNode(options: SourceRootOptions): OperatorNode {
  const { relation } = options;
  const embedded = relation.options === null;
  return {
    kind: 'operator',
    operator: {
      kind: sourceSpecCodec.kind,
      version: sourceSpecCodec.version,
      parameters: sourceSpecCodec.encode(sourceSpec(options)),
      label: `Scan ${relation.name} (${embedded ? 'log' : relation.options!.get('connector')!})`,
    },
    state: {
      kept: [{ what: 'late and bad rows', key: [], columns: [], bound: { kind: 'fixed', by: `at most ${options.deadLetters.bytesMax} bytes` } }],
      content: relation.appendOnly ? 'endless' : 'keys',
    },
    inputs: [],
    parallelism: embedded ? 'one' : 'all',
    columns: relation.columns.map((column) => ({ name: column.name, type: column.type })),
    appendOnly: relation.appendOnly,
    net: false,
    // The log is read by one subtask but its rows are spread by whoever keeps them.
    distribution: { kind: 'any' },
    uniqueKeys: relation.uniqueKeys,
    window: null,
    latenessMicros: relation.watermark?.latenessMicros ?? null,
  };
}

function sourceSpec(options: SourceRootOptions): SourceSpec {
  const { relation, computed } = options;
  return {
    relation: String(storageNumber(relation)),
    name: relation.name,
    connector: relation.options?.get('connector') ?? null,
    format: relation.options?.get('format') ?? null,
    options: relation.options ?? new Map(),
    columns: relation.columns.map((column, index) => ({
      name: column.name,
      externalName: column.externalName,
      type: column.type,
      nullable: column.nullable,
      origin: originOf(column.source, computed[index] ?? null),
    })),
    key: keySpec(relation),
    changesOf: isChangelog(relation) ? relation.primaryKey : null,
    watermark: relation.watermark,
    onError: options.onError,
    futureSkewMicros: options.futureSkewMicros,
    deadLetterBytesMax: options.deadLetters.bytesMax,
    deadLetterAgeMaxMs: Math.ceil(options.deadLetters.ageMaxMs),
  };
}

function originOf(source: Relation['columns'][number]['source'], expression: SourceRootOptions['computed'][number]): SourceColumnOrigin {
  if (source.kind === 'metadata') return { kind: 'metadata', key: source.key };
  return source.kind === 'computed' && expression !== null ? { kind: 'computed', expression } : { kind: 'physical' };
}

/** A table over a connector: its messages are changes by primary key. */
function isChangelog(relation: Relation): boolean {
  return relation.kind === 'table' && relation.options !== null;
}

/** Columns in the message key: the named ones, or the primary key, which a message without a value has nowhere else. */
function keySpec(relation: Relation): SourceKeySpec | null {
  const { options, primaryKey } = relation;
  if (options === null || options.get('format') === undefined) return null;
  const named = options.get('primary_key');
  const columns = named === undefined ? (isChangelog(relation) ? primaryKey : null) : columnsNamed(relation, named);
  if (columns === null) return null;
  const physical = columns.filter((index) => relation.columns[index]!.source.kind === 'physical');
  return { columns: physical, format: options.get('key.format') ?? 'json', inValue: options.get('value.fields-include') !== 'EXCEPT_KEY' };
}

function columnsNamed(relation: Relation, names: string): number[] {
  return names
    .split(/[,;]/)
    .map((name) => relation.columns.findIndex((column) => column.name === name.trim() || column.externalName === name.trim()));
}
