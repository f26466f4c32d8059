import { type CompiledRecognition, PartitionRecognizer, type Row } from '../../pattern/index.ts';

/** A row with the number it has in state. */
export interface NumberedRow {
  readonly values: Row;
  readonly number: number;
}

/** What has to be known of a partition beside its rows to go on after a restart. All 0: nothing. */
export interface PartitionMemo {
  /** Kept rows before the next attempt's first one: PREV looks at them. */
  readonly history: number;
  /** Rows forgotten before them, where the pattern asks for the first row. */
  readonly forgotten: number;
  /** Matches so far, where they are numbered. */
  readonly matches: number;
  /** Rows from the next attempt's first one on that a match has held, where unmatched ones are shown. */
  readonly matchedAhead: number;
}

const EMPTY_MEMO: PartitionMemo = { history: 0, forgotten: 0, matches: 0, matchedAhead: 0 };

/** One partition of a stream: rows that wait for the watermark, and the search through those it has passed. */
export class OpenPartition {
  /** Values of the partition columns. */
  readonly key: Row;
  /** When it is to be searched again, as far as that is scheduled. */
  scheduledMicros: bigint | null = null;
  /** Rows by number that no checkpoint has. */
  readonly added = new Map<number, Row>();
  /** Rows the watermark has not passed, in order of arrival; those restored are sorted out by `take`. */
  #pending: NumberedRow[] = [];
  #memo: PartitionMemo;
  #recognizer: PartitionRecognizer | null = null;
  /** Rows of the recognizer that are still there, in their order. */
  #searched: NumberedRow[] = [];

  constructor(key: Row, memo = EMPTY_MEMO) {
    this.key = key;
    this.#memo = memo;
  }

  get isEmpty(): boolean {
    return this.#pending.length === 0 && this.#searched.length === 0;
  }

  /** All rows that are still needed. */
  get rows(): readonly NumberedRow[] {
    return [...this.#searched, ...this.#pending];
  }

  get pending(): readonly NumberedRow[] {
    return this.#pending;
  }

  addPending(row: NumberedRow): void {
    this.#pending.push(row);
  }

  /** The memo of a restored partition, before its first search. */
  remember(memo: PartitionMemo): void {
    this.#memo = memo;
  }

  /** The search, with all pending rows appended, in order, for which `passed` holds. */
  take(compiled: CompiledRecognition, compare: (left: Row, right: Row) => number, passed: (row: Row) => boolean): PartitionRecognizer {
    const recognizer = this.#recognizer ?? this.#restored(compiled, compare);
    const taken: NumberedRow[] = [];
    const left: NumberedRow[] = [];
    for (const row of this.#pending) (passed(row.values) ? taken : left).push(row);
    this.#pending = left;
    taken.sort((one, other) => compare(one.values, other.values));
    for (const row of taken) this.#append(recognizer, row);
    return recognizer;
  }

  /** Forgets rows no later search looks at; returns their numbers. */
  forgetPassed(recognizer: PartitionRecognizer): number[] {
    const { first } = recognizer.rows;
    const count = Math.max(0, Math.min(recognizer.neededFrom, recognizer.rows.end) - first);
    recognizer.rows.forgetBefore(first + count);
    return this.#searched.splice(0, count).map(({ number }) => number);
  }

  memoOf(compiled: CompiledRecognition): PartitionMemo {
    if (this.#recognizer === null) return this.#memo;
    const { first, start, matches, matchedEnd } = this.#recognizer.progress;
    return {
      history: start - first,
      forgotten: compiled.asksForStart ? first : 0,
      matches: compiled.numbersMatches ? matches : 0,
      matchedAhead: compiled.recognition.shown === 'all-with-unmatched' ? Math.max(0, matchedEnd - start) : 0,
    };
  }

  /** The rows of the history come before all others in the order, as only later ones can have been added. */
  #restored(compiled: CompiledRecognition, compare: (left: Row, right: Row) => number): PartitionRecognizer {
    const { history, forgotten, matches, matchedAhead } = this.#memo;
    const start = forgotten + history;
    const recognizer = new PartitionRecognizer(compiled, { first: forgotten, start, matches, matchedEnd: start + matchedAhead });
    this.#recognizer = recognizer;
    if (history > 0) {
      this.#pending.sort((one, other) => compare(one.values, other.values));
      for (const row of this.#pending.splice(0, history)) this.#append(recognizer, row);
    }
    return recognizer;
  }

  #append(recognizer: PartitionRecognizer, row: NumberedRow): void {
    recognizer.rows.append(row.values);
    this.#searched.push(row);
  }
}
