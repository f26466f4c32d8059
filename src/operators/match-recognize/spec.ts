import type { Recognition, RowOrderColumn } from '../../pattern/index.ts';
import { type SpecCodec, SpecReader, sortKeyFromJson, sortKeyJson } from '../spec/index.ts';
import { recognitionFromJson, recognitionJson } from './recognition-json.ts';

/**
 * Row pattern recognition over the partitions of one input. `watermark`: rows are only added and the first ordering column is their event time; a match
 * comes out when the watermark has decided it. `recompute`: the matches of every touched partition are found again.
 */
export interface MatchRecognizeSpec {
  readonly recognition: Recognition;
  readonly partitionBy: readonly number[];
  readonly orderBy: readonly RowOrderColumn[];
  /** Leading columns of partitionBy that decide the key group. */
  readonly partitionKeyCount: number;
  readonly mode: 'watermark' | 'recompute';
  /** Rows with a time below watermark - lateness are there for good. */
  readonly latenessMicros: bigint;
}

export const matchRecognizeSpecCodec: SpecCodec<MatchRecognizeSpec> = {
  kind: 'match-recognize',
  version: 1,
  encode: (spec) => ({
    recognition: recognitionJson(spec.recognition),
    partitionBy: spec.partitionBy,
    orderBy: spec.orderBy.map(sortKeyJson),
    partitionKeyCount: spec.partitionKeyCount,
    mode: spec.mode,
    lateness: String(spec.latenessMicros),
  }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      recognition: recognitionFromJson(reader.object('recognition')),
      partitionBy: reader.integers('partitionBy'),
      orderBy: reader.objects('orderBy').map(sortKeyFromJson),
      partitionKeyCount: reader.integer('partitionKeyCount'),
      mode: reader.choice('mode', ['watermark', 'recompute']),
      latenessMicros: reader.bigint('lateness'),
    };
  },
};
