import { type SortKeySpec, type SpecCodec, SpecReader, sortKeyFromJson, sortKeyJson, stateTtlFromJson, stateTtlJson } from '../spec/index.ts';

/** Which number of a row decides: its own, or the one it shares with its peers. */
export type TopNRanking = 'row-number' | 'rank' | 'dense-rank';

/** Partitions are windows: their state goes once end <= clock - lateness. */
export interface TopNWindow {
  /** Column of the window's end, one of the partition's. */
  readonly endColumn: number;
  readonly clock: 'watermark' | 'epoch';
  readonly latenessMicros: bigint;
  readonly mode: 'on-update' | 'on-window-close';
}

/**
 * The rows of each partition whose number lies between `from` and `to` (null: no end), numbers from 1. Rows equal in the order go by the columns of
 * `tieBy`, each by its stored form. Output: the input columns, and the number behind them when `numbered`.
 */
export interface TopNSpec {
  /** How many leading columns make the partition; 0: all rows are one (one subtask). */
  readonly partitionCount: number;
  /** How many of them decide the key group. */
  readonly partitionKeyCount: number;
  readonly orderBy: readonly SortKeySpec[];
  readonly tieBy: readonly number[];
  readonly ranking: TopNRanking;
  readonly from: number;
  readonly to: number | null;
  /** Rows left out at the front whatever their number: OFFSET in front of WITH TIES. */
  readonly offset: number;
  readonly numbered: boolean;
  readonly window: TopNWindow | null;
  /** A partition that is not touched for so long goes as if all its rows had; null or absent: it stays. */
  readonly stateTtlMs?: number | null;
}

export const topNSpecCodec: SpecCodec<TopNSpec> = {
  kind: 'top-n',
  version: 3,
  encode: (spec) => ({
    partitionCount: spec.partitionCount,
    partitionKeyCount: spec.partitionKeyCount,
    orderBy: spec.orderBy.map(sortKeyJson),
    tieBy: spec.tieBy,
    ranking: spec.ranking,
    from: spec.from,
    to: spec.to,
    offset: spec.offset,
    numbered: spec.numbered,
    window: spec.window === null ? null : { ...spec.window, latenessMicros: String(spec.window.latenessMicros) },
    ...stateTtlJson(spec.stateTtlMs),
  }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      partitionCount: reader.integer('partitionCount'),
      partitionKeyCount: reader.integer('partitionKeyCount'),
      orderBy: reader.objects('orderBy').map(sortKeyFromJson),
      tieBy: reader.integers('tieBy'),
      ranking: reader.choice('ranking', ['row-number', 'rank', 'dense-rank']),
      from: reader.integer('from'),
      to: reader.nullable('to', reader.integer),
      offset: reader.integer('offset'),
      numbered: reader.boolean('numbered'),
      window: reader.nullable('window', (name) => windowFromJson(reader.object(name))),
      stateTtlMs: stateTtlFromJson(reader),
    };
  },
};

function windowFromJson(reader: SpecReader): TopNWindow {
  return {
    endColumn: reader.integer('endColumn'),
    clock: reader.choice('clock', ['watermark', 'epoch']),
    latenessMicros: reader.bigint('latenessMicros'),
    mode: reader.choice('mode', ['on-update', 'on-window-close']),
  };
}
