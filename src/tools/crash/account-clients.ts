import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Random } from '../../base/index.ts';
import { AccountJournal } from './account-journal.ts';
import { ACCOUNTS, type AccountTables, chooseOperation, type Operation, WrongAnswer } from './account-operations.ts';
import { type Client, NoAnswer } from './client.ts';

const CLIENTS = 5;
const PAUSE_MS = 10;
/** At most, before a COMMIT and between operations. */
const THINKING_MS = 20;
/** So many are to be acknowledged for the clients to have got on. */
const PROGRESS = 100;
/** Codes that say that nothing was done, because of another client. */
const refusals = ['40001', '40P01'];
/** Classes of codes that no statement here may be answered with. */
const WRONG = ['0A', '21', '22', '23', '42', 'XX'];

/** Several clients who change the same few accounts and write down what they were answered, and one who compares a view with its query all the while. */
export class AccountClients {
  readonly journal: AccountJournal;
  readonly #tables: AccountTables;
  readonly #random: Random;
  readonly #running: Promise<void>[];
  #stopped = false;
  #failure: Error | null = null;
  #busy = 0;
  #acknowledged = 0;
  #isPaused = false;
  #woken: (() => void)[] = [];

  /** `newClient` gives a client of its own to each; `total`: the view of the sum over all accounts and of their number. */
  constructor({ tables, total, random, newClient }: { tables: AccountTables; total: string; random: Random; newClient: () => Client }) {
    this.#tables = tables;
    this.#random = random;
    this.journal = new AccountJournal(Object.values(tables).flatMap((table) => Array.from({ length: ACCOUNTS }, (_, id) => `${table} ${id}`)));
    const loops = [...Array.from({ length: CLIENTS }, () => this.#write(newClient())), this.#audit(newClient(), total)];
    this.#running = loops.map((loop) =>
      loop.catch((error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
      }),
    );
  }

  /** Statements that make the tables; each may be made again. */
  static definitions({ keyed, unkeyed }: AccountTables): string[] {
    const rows = `SELECT g, 0 FROM generate_series(0, ${ACCOUNTS - 1}) g`;
    return [
      `CREATE TABLE IF NOT EXISTS ${keyed} (id BIGINT PRIMARY KEY, n BIGINT)`,
      `CREATE TABLE IF NOT EXISTS ${unkeyed} (id BIGINT, n BIGINT)`,
      `INSERT INTO ${keyed} ${rows} ON CONFLICT (id) DO NOTHING`,
      `INSERT INTO ${unkeyed} SELECT * FROM (${rows}) r WHERE NOT EXISTS (SELECT * FROM ${unkeyed})`,
    ];
  }

  /** Nobody writes while the accounts are compared with the journal. Rejects with what is wrong, or what a client has met. */
  async check(client: Client): Promise<void> {
    this.#isPaused = true;
    while (this.#busy > 0) await sleep(PAUSE_MS);
    try {
      if (this.#failure !== null) throw this.#failure;
      const wrong = this.journal.settle(await this.#content(client));
      if (wrong !== null) throw new Error(`accounts that are not what the clients were told: ${wrong}`);
    } finally {
      this.#isPaused = false;
      for (const wake of this.#woken.splice(0)) wake();
    }
  }

  /** Resolves when more operations have been acknowledged. Rejects with what a client has met. */
  async progress(): Promise<void> {
    const goal = this.#acknowledged + PROGRESS;
    while (this.#acknowledged < goal) {
      if (this.#failure !== null) throw this.#failure;
      await sleep(PAUSE_MS);
    }
  }

  /** Rejects with what a client has met. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
    if (this.#failure !== null) throw this.#failure;
  }

  async #content(client: Client): Promise<Map<string, number>> {
    const rows = (table: string): string => `SELECT '${table} ' || id, n FROM ${table}`;
    const { keyed, unkeyed } = this.#tables;
    // A session sees all that was there at its FLUSH.
    await client.persist('FLUSH');
    const found = await client.persist(`${rows(keyed)} UNION ALL ${rows(unkeyed)}`);
    const content = new Map<string, number>();
    for (const [account, n] of found) content.set(account!, content.has(account!) ? Number.NaN : Number(n));
    return content;
  }

  async #write(client: Client): Promise<void> {
    await client.persist('ROLLBACK');
    while (!this.#stopped) {
      await this.#turn();
      this.#busy++;
      try {
        const isDone = await this.#perform(client, chooseOperation(this.#tables, this.#random));
        // Also ends a block that has failed. The next statement is to have a connection: whether one without was sent nobody knows.
        if (!isDone) await client.persist('ROLLBACK');
      } finally {
        this.#busy--;
      }
      await this.#think();
    }
  }

  async #turn(): Promise<void> {
    while (this.#isPaused) await new Promise<void>((resolve) => this.#woken.push(resolve));
  }

  /** True when it was acknowledged. */
  async #perform(client: Client, operation: Operation): Promise<boolean> {
    try {
      await operation.work((sql) => client.rows(sql));
    } catch (error) {
      refuseWrong(error, operation);
      return false;
    }
    if (operation.last === 'COMMIT') await this.#think();
    try {
      await client.rows(operation.last);
    } catch (error) {
      refuseWrong(error, operation);
      if (!refusals.includes(codeOf(error))) this.journal.unknown(operation.effect);
      return false;
    }
    this.journal.acknowledged(operation.effect);
    this.#acknowledged++;
    return true;
  }

  #think(): Promise<void> {
    return sleep(this.#random.nextInt(THINKING_MS));
  }

  /** One block, one epoch: what the view says is what the tables hold. */
  async #audit(client: Client, total: string): Promise<void> {
    const { keyed, unkeyed } = this.#tables;
    const query = `SELECT sum(n), count(*) FROM (SELECT n FROM ${keyed} UNION ALL SELECT n FROM ${unkeyed}) u`;
    await client.persist('ROLLBACK');
    while (!this.#stopped) {
      try {
        await client.rows('BEGIN');
        const [view, rows] = [await client.rows(`SELECT total, c FROM ${total}`), await client.rows(query)];
        await client.rows('COMMIT');
        if (String(view) !== String(rows)) throw new WrongAnswer(`${total} says ${String(view)} where its query says ${String(rows)}`);
      } catch (error) {
        // The view may not be there yet.
        if (error instanceof WrongAnswer || error instanceof NoAnswer || codeOf(error).startsWith('XX')) throw error;
        await client.persist('ROLLBACK');
      }
      await sleep(PAUSE_MS);
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof pg.DatabaseError ? (error.code ?? '') : '';
}

function refuseWrong(error: unknown, { name }: Operation): void {
  if (error instanceof WrongAnswer || error instanceof NoAnswer || WRONG.some((start) => codeOf(error).startsWith(start)))
    throw new Error(`${name}: ${codeOf(error)} ${String(error)}`, { cause: error });
}
