/** What a test may do to an engine: it moves the clock, and nothing comes from outside but what it brings. Ordinary servers have none. */
export interface TestControls {
  /** Moves the clock forward to a time; resolves when what was due on the way has had its turn. */
  advanceTo(micros: bigint): Promise<void>;
  /** Ends epochs until every source has read what there is. Sessions ask for it in front of a statement and behind a commit, so that what was written is there to be read. */
  settle(): Promise<void>;
  /** Whether something is read that neither the test nor the engine makes up: it takes real time. */
  outside(): boolean;
  /** Whether the test has made or written to a topic of that name. */
  hasTopic(name: string): boolean;
}
