import { SqlError, SqlState } from '../base/index.ts';
import type { Batch } from '../batch/index.ts';
import type { Portal, ResultField, StatementResult } from './contract.ts';
import type { SubscriptionCursor } from './subscriptions/index.ts';

/**
 * A bound statement, or a cursor made by DECLARE. It is executed at most once; FETCH and Execute go on reading the same batches. `holder` says
 * which transaction it dies with.
 */
export class OpenPortal implements Portal {
  readonly name: string;
  readonly text: string;
  readonly fields: readonly ResultField[] | null;
  readonly hold: boolean;
  readonly #start: () => Promise<StatementResult>;
  #result: Promise<StatementResult> | null = null;
  #iterator: AsyncIterator<Batch> | null = null;
  #abort = new AbortController();
  /** What FETCH reads instead where DECLARE … SUBSCRIPTION CURSOR has made it. */
  readonly subscription: SubscriptionCursor | null;

  constructor(options: {
    readonly name: string;
    readonly text: string;
    readonly fields: readonly ResultField[] | null;
    readonly hold: boolean;
    readonly start: (signal: AbortSignal) => Promise<StatementResult>;
    readonly subscription?: SubscriptionCursor;
  }) {
    this.name = options.name;
    this.text = options.text;
    this.fields = options.fields;
    this.hold = options.hold;
    this.subscription = options.subscription ?? null;
    this.#start = () => options.start(this.#abort.signal);
  }

  execute(): Promise<StatementResult> {
    if (this.#result !== null) {
      return Promise.reject(new SqlError({ code: SqlState.objectNotInPrerequisiteState, message: `portal "${this.name}" cannot be run again` }));
    }
    this.#result = this.#start();
    return this.#result;
  }

  /** The rows of a cursor, started on first use. */
  async batches(): Promise<AsyncIterator<Batch>> {
    if (this.#iterator !== null) return this.#iterator;
    const result = await (this.#result ?? this.execute());
    if (result.kind !== 'rows') throw new SqlError({ code: SqlState.invalidCursorState, message: `cursor "${this.name}" returns no rows` });
    this.#iterator = result.batches[Symbol.asyncIterator]();
    return this.#iterator;
  }

  cancel(reason: SqlError): void {
    this.#abort.abort(reason);
  }

  /** Ends what still runs and releases what it holds. Never rejects: the statement's own error was reported when it was read. */
  async close(): Promise<void> {
    this.#abort.abort(new SqlError({ code: SqlState.queryCanceled, message: `portal "${this.name}" was closed` }));
    await this.subscription?.close();
    await this.#iterator?.return?.().catch(() => undefined);
  }
}
