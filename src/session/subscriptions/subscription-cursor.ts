import { type Clock, SqlError, SqlState } from '../../base/index.ts';
import { type Batch, batchFromRows, rowsOf } from '../../batch/index.ts';
import type { Relation } from '../../catalog/index.ts';
import { canonicalKeyText, type Datum, int8Type, textType } from '../../types/index.ts';
import type { ResultField } from '../contract.ts';
import { relationId } from '../engine/index.ts';
import { resultField } from '../text-result.ts';
import type { Feed, FeedEvent } from './change-feed.ts';

type Row = readonly (Datum | null)[];
interface RowChange {
  readonly row: Row;
  readonly added: boolean;
}

type Op = 'Insert' | 'UpdateInsert' | 'Delete' | 'UpdateDelete';

/** The columns of a subscription cursor: the relation's, what has happened to the row, and the time of the epoch in milliseconds. */
function cursorFields(relation: Relation): readonly ResultField[] {
  const columns = relation.columns.map(({ name, type }) => resultField(name, type));
  return [...columns, resultField('op', textType), resultField('rw_timestamp', int8Type)];
}

/**
 * RisingWave's subscription cursor over a feed: the changes of each epoch as rows, once it is complete. A row that takes another's place, by the relation's
 * key, comes as UpdateDelete and UpdateInsert. Rows of the content that a feed begins with have no rw_timestamp.
 */
export class SubscriptionCursor {
  readonly fields: readonly ResultField[];
  readonly #relation: Relation;
  readonly #feed: Feed;
  readonly #clock: Clock;
  readonly #abort: AbortController;
  #ready: Row[] = [];
  #arrived: FeedEvent[] = [];
  #complete = 0;
  #next: Promise<IteratorResult<FeedEvent>> | null = null;

  /** `feed` ends with `abort`. */
  constructor(relation: Relation, feed: Feed, options: { readonly clock: Clock; readonly abort: AbortController }) {
    this.fields = cursorFields(relation);
    this.#relation = relation;
    this.#feed = feed;
    this.#clock = options.clock;
    this.#abort = options.abort;
  }

  /** The id of what it reads. */
  get relation(): string {
    return relationId(this.#relation);
  }

  /** From here on nothing is missed. */
  async open(): Promise<void> {
    this.#take(await this.#pending());
  }

  /** At most `wanted` rows of what there is up to `epoch`; where there are none, the first that come within `timeoutMs`. */
  async fetch(wanted: number, until: { readonly epoch: number; readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<Batch> {
    while (this.#ready.length < wanted && this.#complete < until.epoch) this.#take(await this.#pending());
    if (this.#ready.length === 0 && until.timeoutMs > 0) await this.#wait(until.timeoutMs, until.signal);
    const rows = this.#ready.splice(0, wanted);
    return batchFromRows(
      this.fields.map(({ type }) => type),
      rows,
    );
  }

  async close(): Promise<void> {
    this.#abort.abort(new SqlError({ code: SqlState.queryCanceled, message: 'the cursor was closed' }));
    await this.#next?.catch(() => undefined);
  }

  async #wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    let over = false;
    let wake: (() => void) | null = null;
    const end = new Promise<null>((resolve) => {
      wake = () => {
        over = true;
        resolve(null);
      };
    });
    const timer = this.#clock.after(timeoutMs, wake!);
    signal.addEventListener('abort', wake!, { once: true });
    try {
      while (this.#ready.length === 0 && !over) {
        const next = await Promise.race([this.#pending(), end]);
        if (next !== null) this.#take(next);
      }
      signal.throwIfAborted();
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', wake!);
    }
  }

  /** A look that a timeout has ended is gone on with by the next FETCH. */
  #pending(): Promise<IteratorResult<FeedEvent>> {
    this.#next ??= this.#feed.next();
    return this.#next;
  }

  #take({ done, value }: IteratorResult<FeedEvent>): void {
    this.#next = null;
    if (done) throw new SqlError({ code: SqlState.objectNotInPrerequisiteState, message: 'the cursor has ended', hint: 'Declare it again.' });
    const event: FeedEvent = value;
    // The content comes without a time, and in parts of any size.
    if (event.batch !== null && event.timestampMicros === null)
      this.#ready.push(...changedRows(event.batch).map(({ row }) => [...row, 'Insert', null]));
    else if (event.batch !== null) this.#arrived.push(event);
    else {
      this.#ready.push(...this.#rowsOfEpoch());
      this.#complete = event.epoch;
    }
  }

  /** Of the epoch that has arrived: a key's deletions in front of its insertions. */
  #rowsOfEpoch(): Row[] {
    const arrived = this.#arrived;
    this.#arrived = [];
    const [first] = arrived;
    if (first === undefined) return [];
    const timestamp = BigInt(Math.floor(first.timestampMicros! / MICROS_PER_MS));
    const changes = arrived.flatMap(({ batch }) => changedRows(batch!));
    const key = this.#relation.primaryKey ?? this.#relation.uniqueKeys[0] ?? null;
    if (key === null) {
      const ordered = [...changes.filter(({ added }) => !added), ...changes.filter(({ added }) => added)];
      return ordered.map(({ row, added }) => [...row, added ? 'Insert' : 'Delete', timestamp]);
    }
    const types = key.map((index) => this.#relation.columns[index]!.type);
    const byKey = new Map<string, RowChange[]>();
    for (const change of changes) {
      const text = canonicalKeyText(
        types,
        key.map((index) => change.row[index] ?? null),
      );
      const same = byKey.get(text);
      if (same === undefined) byKey.set(text, [change]);
      else same.push(change);
    }
    return [...byKey.values()].flatMap((same) => {
      const gone = same.filter(({ added }) => !added);
      const come = same.filter(({ added }) => added);
      const [goneOp, comeOp]: readonly [Op, Op] = gone.length > 0 && come.length > 0 ? ['UpdateDelete', 'UpdateInsert'] : ['Delete', 'Insert'];
      return [...gone.map(({ row }) => [...row, goneOp, timestamp]), ...come.map(({ row }) => [...row, comeOp, timestamp])];
    });
  }
}

const MICROS_PER_MS = 1000;

/** One entry for each time a row comes or goes. */
function changedRows(batch: Batch): RowChange[] {
  return rowsOf(batch).flatMap((row, index) => {
    const weight = batch.weights === null ? 1 : batch.weights[index]!;
    return Array.from({ length: Math.abs(weight) }, () => ({ row, added: weight > 0 }));
  });
}
