import type { Expression } from '../../expr/index.ts';
import { impliedColumnAt, type Json } from '../../jobgraph/index.ts';
import type { SqlType } from '../../types/index.ts';
import { expressionJson, type SpecCodec, SpecReader, textMapJson, typeJson } from '../spec/index.ts';

/** How a column of the relation gets its value; a computed expression reads the relation's columns by their position in it. */
export type SourceColumnOrigin =
  | { readonly kind: 'physical' }
  | { readonly kind: 'metadata'; readonly key: string }
  | { readonly kind: 'computed'; readonly expression: Expression };

export interface SourceColumnSpec {
  readonly name: string;
  /** The key in the message. */
  readonly externalName: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly origin: SourceColumnOrigin;
}

export interface SourceWatermarkSpec {
  readonly column: number;
  readonly delayMicros: bigint;
  readonly latenessMicros: bigint;
}

/** What is read from message keys. */
export interface SourceKeySpec {
  /** Positions of the columns in the key. */
  readonly columns: readonly number[];
  readonly format: string;
  /** The value has these columns too, and is where they are read from; the key is then only looked at where there is no value. */
  readonly inValue: boolean;
}

/** The reading side of a relation. Output: its columns, or those setFields has asked for. */
export interface SourceSpec {
  readonly relation: string;
  /** The name users know, for messages. */
  readonly name: string;
  /** Null: rows come from the embedded log. */
  readonly connector: string | null;
  readonly format: string | null;
  readonly options: ReadonlyMap<string, string>;
  readonly columns: readonly SourceColumnSpec[];
  readonly key: SourceKeySpec | null;
  /** Positions of the primary key where messages are changes of it: one without a value takes the row of its key away. Null: rows are only added. */
  readonly changesOf: readonly number[] | null;
  readonly watermark: SourceWatermarkSpec | null;
  /** What becomes of a row that cannot be decoded or breaks NOT NULL. */
  readonly onError: 'store' | 'fail' | 'skip';
  /** An event time further ahead of the wall clock than this makes the row bad; null: no such guard. */
  readonly futureSkewMicros: bigint | null;
  /** Bytes of bad rows and of late rows kept, each. */
  readonly deadLetterBytesMax: number;
  /** They go when they have been here for longer. */
  readonly deadLetterAgeMaxMs: number;
}

/** A column of the relation, or one that its messages have undeclared. */
export function sourceColumn(spec: SourceSpec, position: number): SourceColumnSpec {
  const implied = impliedColumnAt(position);
  if (implied === null) return spec.columns[position]!;
  const { name, type, key } = implied;
  return { name, externalName: name, type, nullable: false, origin: { kind: 'metadata', key } };
}

const DEAD_LETTER_AGE_USUAL_MS = 7 * 86_400_000;

export const sourceSpecCodec: SpecCodec<SourceSpec> = {
  kind: 'source',
  version: 1,
  encode: (spec) => ({
    relation: spec.relation,
    name: spec.name,
    connector: spec.connector,
    format: spec.format,
    options: textMapJson(spec.options),
    columns: spec.columns.map(columnJson),
    key: spec.key === null ? null : { columns: spec.key.columns, format: spec.key.format, inValue: spec.key.inValue },
    changesOf: spec.changesOf,
    watermark:
      spec.watermark === null
        ? null
        : { column: spec.watermark.column, delay: String(spec.watermark.delayMicros), lateness: String(spec.watermark.latenessMicros) },
    onError: spec.onError,
    futureSkew: spec.futureSkewMicros === null ? null : String(spec.futureSkewMicros),
    deadLetterBytesMax: spec.deadLetterBytesMax,
    // An operator's id is a hash of this: what is as usual is not written, as it was not when there was no choice.
    ...(spec.deadLetterAgeMaxMs === DEAD_LETTER_AGE_USUAL_MS ? {} : { deadLetterAgeMaxMs: spec.deadLetterAgeMaxMs }),
  }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      relation: reader.text('relation'),
      name: reader.text('name'),
      connector: reader.nullable('connector', reader.text),
      format: reader.nullable('format', reader.text),
      options: reader.textMap('options'),
      columns: reader.objects('columns').map(columnFromJson),
      key: reader.has('key') ? keyFromJson(reader.object('key')) : null,
      changesOf: reader.nullable('changesOf', reader.integers),
      watermark: reader.has('watermark') ? watermarkFromJson(reader.object('watermark')) : null,
      onError: reader.choice('onError', ['store', 'fail', 'skip']),
      futureSkewMicros: reader.nullable('futureSkew', reader.bigint),
      deadLetterBytesMax: reader.integer('deadLetterBytesMax'),
      deadLetterAgeMaxMs: reader.nullable('deadLetterAgeMaxMs', reader.integer) ?? DEAD_LETTER_AGE_USUAL_MS,
    };
  },
};

function columnJson(column: SourceColumnSpec): Json {
  const origin = column.origin;
  return {
    name: column.name,
    externalName: column.externalName,
    type: typeJson(column.type),
    nullable: column.nullable,
    origin: origin.kind,
    metadataKey: origin.kind === 'metadata' ? origin.key : null,
    expression: origin.kind === 'computed' ? expressionJson(origin.expression) : null,
  };
}

function columnFromJson(reader: SpecReader): SourceColumnSpec {
  const kind = reader.choice('origin', ['physical', 'metadata', 'computed']);
  const origin: SourceColumnOrigin =
    kind === 'metadata'
      ? { kind, key: reader.text('metadataKey') }
      : kind === 'computed'
        ? { kind, expression: reader.expression('expression') }
        : { kind };
  return {
    name: reader.text('name'),
    externalName: reader.text('externalName'),
    type: reader.type('type'),
    nullable: reader.boolean('nullable'),
    origin,
  };
}

function watermarkFromJson(reader: SpecReader): SourceWatermarkSpec {
  return { column: reader.integer('column'), delayMicros: reader.bigint('delay'), latenessMicros: reader.bigint('lateness') };
}

function keyFromJson(reader: SpecReader): SourceKeySpec {
  return { columns: reader.integers('columns'), format: reader.text('format'), inValue: reader.boolean('inValue') };
}
