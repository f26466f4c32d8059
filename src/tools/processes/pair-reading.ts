import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { ServerProcess } from './server-process.ts';

/** Two statements whose answers are equal in one transaction; the first value of each never gets smaller. */
export type PairOfReads = readonly [left: string, right: string];

/** Under load a thread waits for its turn at every hop, so what counts is how many transactions are on their way at once. */
const CONNECTIONS = 12;
/** Several transactions a round trip: the reads are to be many, not their packets. */
const PAIRS_A_QUERY = 5;
const POLL_MS = 20;

/**
 * `BEGIN; two reads; COMMIT`, again and again on several connections, until it is stopped. Fails at the first pair that differs, at the first
 * step back, and at an error of the server. A connection that breaks is opened again when the server is to be killed meanwhile.
 */
export class PairReading {
  readonly #server: ServerProcess;
  readonly #views: PairOfReads;
  readonly #killed: boolean;
  readonly #seen = new Set<string>();
  readonly #readers: Promise<unknown>;
  #pairs = 0;
  #stopped = false;
  #failure: unknown = null;

  constructor(server: ServerProcess, views: PairOfReads, options: { readonly killed: boolean }) {
    this.#server = server;
    this.#views = views;
    this.#killed = options.killed;
    this.#readers = Promise.all(Array.from({ length: CONNECTIONS }, () => this.#reader()));
  }

  /** Pairs found equal so far. */
  get pairs(): number {
    return this.#pairs;
  }

  /** Different answers among them. */
  get different(): number {
    return this.#seen.size;
  }

  /** Resolves when another pair has been read; rejects when a reader has failed. */
  async more(): Promise<void> {
    const before = this.#pairs;
    while (this.#failure === null && this.#pairs === before) await sleep(POLL_MS);
    if (this.#failure !== null) throw this.#failure;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#readers;
    if (this.#failure !== null) throw this.#failure;
  }

  /** One user, over as many connections as the server's life asks for. */
  async #reader(): Promise<void> {
    const user: User = { newest: 0n };
    while (!this.#stopped && this.#failure === null) {
      try {
        await this.#connection(user);
      } catch (error) {
        if (this.#killed && isBroken(error)) await sleep(POLL_MS);
        else this.#failure ??= error;
      }
    }
  }

  async #connection(user: User): Promise<void> {
    const client = await this.#server.connect();
    try {
      while (!this.#stopped && this.#failure === null) {
        await this.#readSome(client, user);
        this.#pairs += PAIRS_A_QUERY;
      }
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async #readSome(client: pg.Client, user: User): Promise<void> {
    const [left, right] = this.#views;
    const text = `BEGIN; ${left}; ${right}; COMMIT;`.repeat(PAIRS_A_QUERY);
    const results = (await client.query({ text, rowMode: 'array' })) as unknown as pg.QueryArrayResult[];
    const reads = results.filter((result) => result.command === 'SELECT').map((result) => result.rows as (string | null)[][]);
    if (reads.length !== 2 * PAIRS_A_QUERY) throw new WrongAnswer(`${reads.length} answers to ${2 * PAIRS_A_QUERY} reads`);
    for (let pair = 0; pair < reads.length; pair += 2) {
      const [a, b] = [JSON.stringify(reads[pair]), JSON.stringify(reads[pair + 1])];
      if (a !== b) throw new WrongAnswer(`${left} gave ${a}, ${right} gave ${b}`);
      const now = BigInt(reads[pair]![0]?.[0] ?? 0);
      if (now < user.newest) throw new WrongAnswer(`${left} gave ${now} after ${user.newest}`);
      user.newest = now;
      this.#seen.add(a);
    }
  }
}

interface User {
  newest: bigint;
}

class WrongAnswer extends Error {}

/** Neither a wrong answer nor an error the server gave: the connection went, or there is nobody to connect to. */
function isBroken(error: unknown): boolean {
  return !(error instanceof WrongAnswer) && !(error instanceof pg.DatabaseError);
}
