/** What is measured of a server that runs. */
export interface Sample {
  /** Since the run began. */
  readonly seconds: number;
  /** How often the server had been started: 1, 2, 3 … */
  readonly life: number;
  readonly values: Readonly<Record<Measure, number>>;
}

/**
 * Bytes: resident memory of the process, V8's heap of its main thread, state of its slots; the data directory without its logs, of that LevelDB, and segments with
 * snapshots; its logs (epochs, embedded rows, catalog, manifests). Numbers: open descriptors, threads, files in the data directory.
 */
export const measures = ['memory', 'heap', 'state', 'descriptors', 'threads', 'data', 'base', 'segments', 'logs', 'files'] as const;
export type Measure = (typeof measures)[number];

/** A measure in one life of the server, or over all of them. */
export interface Verdict {
  readonly life: number | 'all';
  readonly measure: Measure;
  /** Medians (of the heap minima): of the middle and the last third of a life, or of the first and the last of the lives compared. */
  readonly before: number;
  readonly after: number;
  readonly flat: boolean;
}

/** What grows by a fifth while the load stays the same does not stay bounded. */
const GROWTH_MAX = 1.2;
/** Below this nothing can be said of a third. */
const THIRD_SAMPLES_MIN = 5;
const MIB = 2 ** 20;
/** Logs are cut in files of 16 MiB, which go whole: two logs have two files each at most. That they are let go shows when the run is long enough for more. */
const LOGS_MAX = 4 * 16 * MIB;
/** Growth that is no growth: one more connection, one more file between two checkpoints, one page cluster of an allocator. */
const slack: Readonly<Record<Measure, number>> = {
  ...{ memory: 16 * MIB, heap: 8 * MIB, state: MIB, data: 4 * MIB, base: 2 * MIB, segments: 2 * MIB, logs: 0 },
  ...{ descriptors: 8, threads: 2, files: 8 },
};

/**
 * The rule: the first third of a life is warm-up. A measure is flat when the median of its last third is at most 1.2 times the median of its middle third, and, over
 * all lives but the first, when the median of the last life's later two thirds is at most 1.2 times that of the first one compared; each with a slack for small numbers. Of the heap
 * the least counts in place of the median. Logs
 * have a bound instead, since they go a file at a time.
 * A life with too few samples is left out.
 */
export function verdicts(samples: readonly Sample[]): Verdict[] {
  const lives = [...new Set(samples.map(({ life }) => life))].map((life) => samples.filter((sample) => sample.life === life));
  const long = lives.filter((life) => Math.floor(life.length / 3) >= THIRD_SAMPLES_MIN);
  const found = long.flatMap((life) => {
    const third = Math.floor(life.length / 3);
    return measures.map((measure) => {
      const values = life.map((sample) => sample.values[measure]);
      return verdict(life[0]!.life, measure, typical(measure, values.slice(third, 2 * third)), typical(measure, values.slice(2 * third)));
    });
  });
  const compared = long.slice(1);
  if (compared.length < 2) return found;
  const settled = (life: readonly Sample[], measure: Measure): number =>
    typical(
      measure,
      life.slice(Math.floor(life.length / 3)).map((sample) => sample.values[measure]),
    );
  return [...found, ...measures.map((measure) => verdict('all', measure, settled(compared[0]!, measure), settled(compared.at(-1)!, measure)))];
}

function verdict(life: number | 'all', measure: Measure, before: number, after: number): Verdict {
  const limit = measure === 'logs' ? LOGS_MAX : before * GROWTH_MAX + slack[measure];
  return { life, measure, before, after, flat: after <= limit };
}

/** What is above the least of a heap is garbage that has not been collected yet; of anything else the median. */
function typical(measure: Measure, values: readonly number[]): number {
  return measure === 'heap' ? Math.min(...values) : median(values);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
