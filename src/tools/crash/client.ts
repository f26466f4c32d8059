import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Topology } from './topology.ts';

const AGAIN_MS = 30;
const GIVEN_UP_MS = 180_000;
/** Much longer than anybody is stopped: on a machine with other work a restart takes a while, and what hangs does so for ever. */
const ANSWER_MS_MAX = 120_000;
const STATEMENT_SHOWN = 200;
/** Classes of codes that say that the statement itself is wrong. */
const WRONG_STATEMENT = ['0A', '22', '23', '42', 'XX'];

/** Whoever is there has neither answered nor hung up. */
export class NoAnswer extends Error {}

/** A user who does not give up: statements go to whoever answers, on a connection that is made anew when it breaks. */
export class Client {
  readonly #topology: Topology;
  #connection: pg.Client | null = null;

  constructor(topology: Topology) {
    this.#topology = topology;
  }

  /** Rows of a statement as text, asked once. */
  async rows(sql: string): Promise<(string | null)[][]> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new NoAnswer(`no answer within ${ANSWER_MS_MAX} ms: ${sql.slice(0, STATEMENT_SHOWN)}`)), ANSWER_MS_MAX);
    });
    try {
      return await Promise.race([this.#ask(sql), silence]);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.severity === 'FATAL') this.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #ask(sql: string): Promise<(string | null)[][]> {
    this.#connection ??= await this.#topology.connect();
    const types = { getTypeParser: () => (value: string) => value };
    const result = await this.#connection.query({ text: sql, rowMode: 'array', types });
    return result.rows as unknown as (string | null)[][];
  }

  /** The same statement until it is acknowledged; one that may be made twice, then. Rejects when it is refused as wrong. */
  async persist(sql: string): Promise<(string | null)[][]> {
    const deadline = performance.now() + GIVEN_UP_MS;
    for (;;) {
      try {
        return await this.rows(sql);
      } catch (error) {
        const code = error instanceof pg.DatabaseError ? (error.code ?? '') : '';
        if (error instanceof NoAnswer || WRONG_STATEMENT.some((start) => code.startsWith(start)) || performance.now() > deadline)
          throw new Error(`${code} ${String(error)} (${sql.slice(0, STATEMENT_SHOWN)})`, { cause: error });
        await sleep(AGAIN_MS);
      }
    }
  }

  close(): void {
    const connection = this.#connection;
    this.#connection = null;
    // One that leads to a stopped process never says goodbye.
    (connection as unknown as { connection: { stream: { destroy(): void } } } | null)?.connection.stream.destroy();
  }
}
