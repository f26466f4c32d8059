/** Sizes that decide when the store tidies up. Smaller ones are for tests. */
export interface StateLimits {
  /** Checkpoints that can be restored: the newest and those before it. */
  readonly retainedCheckpoints: number;
  /** Segments behind a snapshot before a new snapshot is made. */
  readonly segmentsMax: number;
  /** Bytes of segments below which no snapshot is made for their size. */
  readonly snapshotBytesMin: number;
  /** Share of the snapshot's bytes that segments may reach. */
  readonly segmentShareMax: number;
  /** Bytes of runs merged for one checkpoint, so that merging never holds up the next one for long. */
  readonly compactionBytesMax: number;
  /** Size of a log file that is followed by a new one. */
  readonly logFileBytes: number;
}

export const defaultLimits: StateLimits = {
  retainedCheckpoints: 3,
  segmentsMax: 64,
  snapshotBytesMin: 4 * 1024 * 1024,
  segmentShareMax: 0.5,
  compactionBytesMax: 32 * 1024 * 1024,
  logFileBytes: 16 * 1024 * 1024,
};
