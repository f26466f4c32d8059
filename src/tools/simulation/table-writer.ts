import { type Random, SqlState, toSqlError } from '../../base/index.ts';
import { type Client, openClient } from './simulated-client.ts';
import type { SimulatedServer } from './simulated-server.ts';
import { tolerate } from './tolerated-error.ts';
import { Violation, type World } from './world.ts';

const ITEMS = 8;
const NAMES = ['ink', 'jar', 'lid', 'pen'];
const ACCOUNTS = 5;
const FUNDS = 100;
/** Of so many writes one is read back. */
const READ_BACK_SHARE = 3;
/** Of so many clients after a crash one writes before it has looked. */
const BLIND_SHARE = 2;

interface TableState {
  readonly items: ReadonlyMap<number, string>;
  readonly accounts: readonly number[];
}

interface Change {
  readonly sql: string;
  /** What it leaves, by what was there. */
  readonly after: (before: TableState) => TableState;
  /** A row of the key is there already. */
  readonly isRefused?: boolean;
}

/** What statements without an answer would have left, one after the other. */
interface Unanswered {
  readonly after: readonly TableState[];
  /** Which of the processes that have led it went to. */
  readonly lead: number;
}

/** One client that changes the tables, and all the states they have been in: what another client reads has to be one of them. */
export class TableWriter {
  readonly #world: World;
  readonly #server: SimulatedServer;
  readonly #random: Random;
  /** Acknowledged states in their order; behind them the one of a statement without an answer. */
  readonly #states: TableState[] = [{ items: new Map(), accounts: [] }];
  #open: readonly Unanswered[] = [];
  /**
   * The first statement that a server has failed without anything to see of it. When an fsync failed the log takes nothing more, and what it was to bring to the
   * disk may be there at the next start.
   */
  #failed: Unanswered | null = null;
  /** The newest state anybody has seen. */
  #seen = 0;

  constructor(world: World, server: SimulatedServer) {
    this.#world = world;
    this.#server = server;
    this.#random = world.newRandom();
  }

  /** Funds the accounts. */
  async fund(client: Client): Promise<void> {
    const accounts = Array.from({ length: ACCOUNTS }, () => FUNDS);
    await client.run(`INSERT INTO accounts VALUES ${accounts.map((amount, id) => `(${id}, ${amount})`).join(', ')}`);
    this.#states.push({ items: new Map(), accounts });
  }

  async run(untilSeconds: number): Promise<void> {
    let client: Client | null = null;
    while (this.#world.seconds < untilSeconds) {
      try {
        client ??= await this.#connect();
        await this.#change(client);
      } catch (error) {
        client = null;
        tolerate(this.#world, 'a write', error);
      }
      await this.#world.sleep(200 + this.#random.nextInt(4_000));
    }
    while (this.#open.length > 0) {
      try {
        await this.#connect();
      } catch (error) {
        tolerate(this.#world, 'a look at the tables', error);
        await this.#world.sleep(1_000);
      }
    }
  }

  /** What somebody has read of both tables, at one epoch. It is a state they were in, and none before one that was seen already. */
  observe(items: readonly string[], accounts: readonly string[]): void {
    const text = `${[...items].sort().join('\n')}\n\n${[...accounts].sort().join('\n')}`;
    const acknowledged = this.#states.findIndex((state, index) => index >= this.#seen && textOf(state) === text);
    const found = acknowledged < 0 && this.#possible().some(({ after }) => textOf(after.at(-1)!) === text) ? this.#states.length : acknowledged;
    if (found < 0) {
      const known = this.#states.findLastIndex((state) => textOf(state) === text);
      throw new Violation(
        known < 0
          ? `the tables hold what they never held:\n${text}\nlast state:\n${textOf(this.#states.at(-1)!)}`
          : `a read has gone back from state ${this.#seen} of the tables to state ${known}`,
      );
    }
    this.#seen = found;
  }

  /** The newest acknowledged state, to be given to `requireSince`. */
  get acknowledged(): number {
    return this.#states.length - 1;
  }

  /** What a savepoint has of the tables: a state that is not older than the one acknowledged before it was asked for. */
  requireSince(acknowledged: number, items: readonly string[], accounts: readonly string[]): void {
    const text = `${[...items].sort().join('\n')}\n\n${[...accounts].sort().join('\n')}`;
    const known = [...this.#states.slice(acknowledged), ...this.#possible().flatMap(({ after }) => after)];
    if (!known.some((state) => textOf(state) === text))
      throw new Violation(`a savepoint has tables\n${text}\nand what was acknowledged before it was\n${textOf(this.#states[acknowledged]!)}`);
  }

  /** The newest state has been seen. */
  get caughtUp(): boolean {
    return this.#open.length === 0 && textOf(this.#states[this.#seen]!) === textOf(this.#states.at(-1)!);
  }

  /** A statement without an answer was done or not; FLUSH makes visible whatever is durable. */
  async #connect(): Promise<Client> {
    const client = await openClient(this.#server);
    if (this.#possible().length === 0) return client;
    if (this.#random.nextInt(BLIND_SHARE) === 0) await this.#changeBlindly(client);
    await client.run('FLUSH');
    await this.#decide(client);
    return client;
  }

  /** What is durable counts for a statement that changes what it finds, though nobody has seen it yet. */
  async #changeBlindly(client: Client): Promise<void> {
    const { sql, after } = this.#transfer();
    const open = this.#open;
    const { lead } = client;
    const changed = (before: readonly TableState[]): Unanswered => ({ after: [...before, after(before.at(-1) ?? this.#states.at(-1)!)], lead });
    const added = [changed([]), ...this.#possible().map((one) => changed(one.after))];
    this.#open = [...open, ...added];
    this.#world.event(`write blindly ${sql.replaceAll('\n', ' ')}`);
    try {
      await client.run(sql);
    } catch (error) {
      if (toSqlError(error).code !== SqlState.serializationFailure) throw error;
      this.#open = open;
      return;
    }
    await this.#decide(client, added);
  }

  /** Which of the states that are possible it is; `asked`: it has to be one of these. */
  async #decide(client: Client, asked: readonly Unanswered[] | null = null): Promise<void> {
    const text = await readTables(client);
    const last = this.#states.at(-1)!;
    // One that changes nothing leaves what was there, and says nothing of those before it.
    const unchanged = asked === null && text === textOf(last);
    const possible = asked ?? this.#possible();
    const done = unchanged ? undefined : possible.find(({ after }) => textOf(after.at(-1)!) === text);
    if (!unchanged && done === undefined) {
      const others = possible.map(({ after }) => textOf(after.at(-1)!)).join('\nor\n');
      throw new Violation(`after a crash the tables hold\n${text}\ninstead of\n${asked === null ? `${textOf(last)}\nor\n` : ''}${others}`);
    }
    if (done !== undefined) this.#states.push(...done.after);
    else if (this.#seen >= this.#states.length) throw new Violation('a change that was seen is not there any more');
    const failedHere = [...(this.#failed === null ? [] : [this.#failed]), ...this.#open].filter(({ lead }) => lead === client.lead);
    this.#failed = failedHere.flatMap((one) => behind(one, done?.after ?? []) ?? []).find(({ after }) => after.length === 1) ?? null;
    this.#open = [];
  }

  /** Statements that may turn out to be done. */
  #possible(): Unanswered[] {
    const failed = this.#failed !== null && this.#failed.lead < this.#server.leads ? [this.#failed] : [];
    return [...this.#open, ...failed];
  }

  async #change(client: Client): Promise<void> {
    const { sql, after: leaves, isRefused = false } = this.#random.nextInt(3) === 0 ? this.#transfer() : this.#itemChange();
    const after = leaves(this.#states.at(-1)!);
    this.#open = [{ after: [after], lead: client.lead }];
    this.#world.event(`write ${sql.replaceAll('\n', ' ')}`);
    if (await this.#runs(client, sql, isRefused)) this.#states.push(after);
    this.#open = [];
    this.#failed = null;
    // A session reads its own writes.
    if (this.#random.nextInt(READ_BACK_SHARE) > 0) return;
    const text = await readTables(client);
    if (text !== textOf(after)) throw new Violation(`a session does not see its own write:\n${text}\ninstead of\n${textOf(after)}`);
  }

  /** False when it was refused, as it has to be. */
  async #runs(client: Client, sql: string, isRefused: boolean): Promise<boolean> {
    try {
      await client.run(sql);
    } catch (error) {
      if (isRefused && toSqlError(error).code === SqlState.uniqueViolation) return false;
      throw error;
    }
    if (isRefused) throw new Violation(`a second row of a key was taken: ${sql}`);
    return true;
  }

  #itemChange(): Change {
    const state = this.#states.at(-1)!;
    const id = this.#random.nextInt(ITEMS);
    const name = NAMES[this.#random.nextInt(NAMES.length)]!;
    const named = ({ items, ...rest }: TableState): TableState => ({ ...rest, items: new Map(items).set(id, name) });
    const insert = `INSERT INTO items VALUES (${id}, '${name}')`;
    if (!state.items.has(id)) return { sql: insert, after: named };
    const kind = this.#random.nextInt(6);
    if (kind === 0) return { sql: insert, after: (before) => before, isRefused: true };
    if (kind === 1) return { sql: `${insert} ON CONFLICT (id) DO NOTHING`, after: (before) => before };
    if (kind === 2) return { sql: `${insert} ON CONFLICT (id) DO UPDATE SET name = excluded.name`, after: named };
    if (kind < 5) {
      const without = ({ items, ...rest }: TableState): TableState => ({ ...rest, items: new Map([...items].filter(([other]) => other !== id)) });
      return { sql: `DELETE FROM items WHERE id = ${id}`, after: without };
    }
    return { sql: `UPDATE items SET name = '${name}' WHERE id = ${id}`, after: named };
  }

  #transfer(): Change {
    const from = this.#random.nextInt(ACCOUNTS);
    const to = (from + 1 + this.#random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
    const amount = 1 + this.#random.nextInt(9);
    const moved = (before: TableState): TableState => {
      const accounts = [...before.accounts];
      accounts[from]! -= amount;
      accounts[to]! += amount;
      return { ...before, accounts };
    };
    if (this.#random.nextInt(3) === 0) {
      const by = `CASE id WHEN ${from} THEN -${amount} ELSE ${amount} END`;
      return { sql: `UPDATE accounts SET amount = amount + ${by} WHERE id IN (${from}, ${to})`, after: moved };
    }
    const update = (id: number, by: number): string => `UPDATE accounts SET amount = amount + ${by} WHERE id = ${id}`;
    // What is taken back was never there.
    const takenBack = this.#random.nextInt(3) === 0 ? ['SAVEPOINT s', update(to, 1_000), 'DELETE FROM items', 'ROLLBACK TO SAVEPOINT s'] : [];
    return { sql: ['BEGIN', update(from, -amount), ...takenBack, update(to, amount), 'COMMIT'].join(';\n'), after: moved };
  }
}

/** What is left to be seen of statements once some of them are; null where these are not how they begin. */
function behind({ after, lead }: Unanswered, seen: readonly TableState[]): Unanswered | null {
  const begins = seen.every((state, index) => state === after[index]);
  return begins && after.length > seen.length ? { after: after.slice(seen.length), lead } : null;
}

async function readTables(client: Client): Promise<string> {
  const items = await client.rows('SELECT * FROM items');
  const accounts = await client.rows('SELECT * FROM accounts');
  return `${items.sort().join('\n')}\n\n${accounts.sort().join('\n')}`;
}

function textOf(state: TableState): string {
  const items = [...state.items].map(([id, name]) => `${id}\t${name}`).sort();
  const accounts = state.accounts.map((amount, id) => `${id}\t${amount}`).sort();
  return `${items.join('\n')}\n\n${accounts.join('\n')}`;
}
