/** Types of measure-jobs.mjs, which is plain JavaScript so that it runs before anything is built. */
export interface JobMeasurement {
  /** Events a second by the wall clock. */
  readonly rate: number;
  /** J: events a second of a JSON.parse loop over the sample. */
  readonly unit: number;
  /** `rate` in J. */
  readonly ratio: number;
  /** Events by processor time, in J times the slots. */
  readonly cpuRatio: number;
  /** Events a second of processor time. */
  readonly coreRate: number;
  /** The most memory the process had, MB. */
  readonly memoryMb: number;
}

/** Runs a Nexmark query `repeat` times by `launcher run` and gives the medians. `directory` takes the file of statements. */
export function measureJob(job: {
  readonly query: string;
  /** Options of the source, its format being JSON. */
  readonly source: Readonly<Record<string, string>>;
  /** A file of the same events, for J. */
  readonly sampleFile: string;
  readonly events: number;
  readonly slots: number;
  readonly repeat: number;
  readonly launcher: string;
  readonly directory: string;
}): Promise<JobMeasurement>;
