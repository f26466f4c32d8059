import type { Clock } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import type { HistoryEntry } from '../cluster-monitor.ts';

const ENTRIES_MAX = 100;

/** What an entry ends with. */
export type HistoryEnd = Pick<HistoryEntry, 'state' | 'bytes' | 'rows' | 'failure'>;

/** The newest epochs, or checkpoints, and how long they took. */
export class History {
  readonly #clock: Clock;
  readonly #entries: { entry: HistoryEntry; readonly startedMs: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(id: Epoch, trigger: HistoryEntry['trigger']): void {
    const entry: HistoryEntry = {
      id,
      state: 'in progress',
      trigger,
      startedAtMicros: this.#clock.nowMicros(),
      durationMs: null,
      bytes: null,
      rows: null,
      failure: null,
    };
    this.#entries.push({ entry, startedMs: this.#clock.monotonicMs() });
    if (this.#entries.length > ENTRIES_MAX) this.#entries.shift();
  }

  end(id: Epoch, end: HistoryEnd): void {
    const found = this.#entries.find(({ entry }) => entry.id === id);
    if (found?.entry.state === 'in progress') found.entry = { ...found.entry, ...end, durationMs: this.#clock.monotonicMs() - found.startedMs };
  }

  /** Ends all entries in progress up to `id`. */
  completeThrough(id: Epoch): void {
    for (const { entry } of this.#entries) {
      if (entry.id <= id && entry.state === 'in progress') this.end(entry.id, { state: 'complete', bytes: null, rows: null, failure: null });
    }
  }

  entries(): readonly HistoryEntry[] {
    return this.#entries.map(({ entry }) => entry);
  }
}
