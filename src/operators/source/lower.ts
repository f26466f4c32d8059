import type { Relation } from '../../catalog/index.ts';
import type { OperatorNode, SourceRootOptions } from '../../plan/physical/index.ts';
import { type SourceColumnOrigin, type SourceSpec, sourceSpecCodec } from './spec.ts';

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
    relation: String(relation.oid),
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
    watermark: relation.watermark,
    onError: options.onError,
    futureSkewMicros: options.futureSkewMicros,
    deadLetterBytesMax: options.deadLetterBytesMax,
  };
}

function originOf(source: Relation['columns'][number]['source'], expression: SourceRootOptions['computed'][number]): SourceColumnOrigin {
  if (source.kind === 'metadata') return { kind: 'metadata', key: source.key };
  return source.kind === 'computed' && expression !== null ? { kind: 'computed', expression } : { kind: 'physical' };
}
