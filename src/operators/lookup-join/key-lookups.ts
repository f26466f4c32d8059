import { SqlError, type Timer, toSqlError } from '../../base/index.ts';
import { type Batch, gatherBatch, sliceBatch } from '../../batch/index.ts';
import type { LookupAnswer, LookupReader, OperatorEnvironment } from '../../spi/index.ts';
import type { FoundRows } from './found-rows.ts';
import { CachedKeys } from './lookup-cache.ts';
import type { LookupJoinSpec } from './spec.ts';

/** Keys of one question. */
const QUESTION_KEYS_MAX = 1000;
/** Pause before a question is asked again; doubled each time up to the maximum. */
const RETRY_MS = 100;
const RETRY_MS_MAX = 10_000;

/**
 * Asks for the keys of an epoch, behind the operator's back: what is in the cache is not asked for, an error that may pass is met with another attempt.
 * One question is under way at a time.
 */
export class KeyLookups {
  readonly #spec: LookupJoinSpec;
  readonly #environment: OperatorEnvironment;
  readonly #reader: LookupReader;
  readonly #cache: CachedKeys | null;
  #opening: 'none' | 'running' | 'done' = 'none';
  #answers: FoundRows[] | null = null;
  #failure: SqlError | null = null;
  #closed = false;
  /** The pause before the next attempt, and what ends it early. */
  #pause: { readonly timer: Timer; readonly end: () => void } | null = null;
  #work: Promise<void> = Promise.resolve();

  constructor(spec: LookupJoinSpec, reader: LookupReader, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#reader = reader;
    this.#environment = environment;
    const types = spec.keys.map(({ type }) => type);
    this.#cache = spec.cache === null ? null : new CachedKeys(types, spec.cache);
  }

  /** True once the other side has said that it can answer. Throws when it cannot. */
  opened(): boolean {
    if (this.#failure !== null) throw this.#failure;
    if (this.#opening === 'none') {
      this.#opening = 'running';
      this.#run(async () => {
        await this.#retried(() => this.#reader.open());
        this.#opening = 'done';
      });
    }
    return this.#opening === 'done';
  }

  /** Begins to look up distinct keys without NULL, of an epoch of that time. The answers before have been taken. */
  ask(keys: Batch, nowMicros: bigint): void {
    this.#run(async () => {
      this.#answers = await this.#answersTo(keys, nowMicros);
    });
  }

  /** What each key has, once; null while it is not known. Throws when it cannot be found out. */
  take(): readonly FoundRows[] | null {
    if (this.#failure !== null) throw this.#failure;
    const answers = this.#answers;
    this.#answers = null;
    return answers;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#pause?.timer.cancel();
    this.#pause?.end();
    await this.#reader.close();
    await this.#work;
  }

  #run(work: () => Promise<void>): void {
    this.#work = work()
      .catch((error: unknown) => {
        this.#failure = toSqlError(error);
      })
      .then(() => this.#environment.wake());
  }

  async #answersTo(keys: Batch, nowMicros: bigint): Promise<FoundRows[]> {
    const answers: (FoundRows | null)[] = this.#cache?.find(keys, nowMicros) ?? new Array(keys.rowCount).fill(null);
    const missing = Int32Array.from(answers.keys()).filter((row) => answers[row] === null);
    for (let from = 0; from < missing.length; from += QUESTION_KEYS_MAX) {
      const rows = missing.subarray(from, from + QUESTION_KEYS_MAX);
      const asked = gatherBatch(keys, rows, rows.length);
      const found = await this.#found(asked);
      rows.forEach((row, at) => {
        answers[row] = found[at]!;
      });
      this.#cache?.add(asked, found, nowMicros);
    }
    return answers as FoundRows[];
  }

  /** What each key has, or has got by the last attempt. */
  async #found(keys: Batch): Promise<FoundRows[]> {
    const found = foundRows(await this.#retried(() => this.#reader.lookup(keys)), keys.rowCount);
    const { missRetry } = this.#spec;
    for (let attempt = 0; missRetry !== null && attempt < missRetry.attemptsMax; attempt++) {
      const missing = Int32Array.from(found.keys()).filter((key) => found[key]!.rows.rowCount === 0 && found[key]!.failure === null);
      if (missing.length === 0) break;
      await this.#paused(missRetry.delayMs);
      if (this.#closed) break;
      const again = gatherBatch(keys, missing, missing.length);
      const late = foundRows(await this.#retried(() => this.#reader.lookup(again)), missing.length);
      missing.forEach((key, at) => {
        found[key] = late[at]!;
      });
    }
    return found;
  }

  async #retried<Result>(attempt: () => Promise<Result>): Promise<Result> {
    const { retriesMax, connector } = this.#spec;
    for (let tried = 0, pauseMs = RETRY_MS; ; tried++, pauseMs = Math.min(2 * pauseMs, RETRY_MS_MAX)) {
      try {
        return await attempt();
      } catch (thrown) {
        const error = toSqlError(thrown);
        if (this.#closed || error.class !== 'external') throw error;
        this.#environment.logger.log('warn', 'looking rows up failed', { connector, error: error.message });
        if (tried >= retriesMax) throw givenUp(error, tried + 1);
        await this.#paused(pauseMs);
        if (this.#closed) throw error;
      }
    }
  }

  #paused(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#pause = null;
        resolve();
      };
      this.#pause = { timer: this.#environment.clock.after(milliseconds, end), end };
    });
  }
}

/** The rows of an answer by key. */
function foundRows({ rows, keyOf, failures }: LookupAnswer, keyCount: number): FoundRows[] {
  let at = 0;
  return Array.from({ length: keyCount }, (_, key) => {
    const from = at;
    while (at < rows.rowCount && keyOf[at] === key) at++;
    return { rows: sliceBatch(rows, from, at), failure: failures.get(key) ?? null };
  });
}

function givenUp(error: SqlError, attempts: number): SqlError {
  return new SqlError({
    code: error.code,
    message: `looking rows up failed ${attempts} ${attempts === 1 ? 'time' : 'times'}: ${error.message}`,
    detail: error.detail,
    hint: error.hint ?? "The job begins again from its last checkpoint. 'lookup.max-retries' says how often a question is asked again before that.",
    class: 'external',
    cause: error,
  });
}
