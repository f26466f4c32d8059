import { type Random, SqlState, toSqlError } from '../../base/index.ts';
import { multisetDifference } from '../sqltest/index.ts';
import type { Feature } from './feature.ts';
import { STREAM } from './program.ts';
import { type Client, openClient } from './simulated-client.ts';
import type { SimulatedServer } from './simulated-server.ts';
import { tolerate } from './tolerated-error.ts';
import { Violation, type World } from './world.ts';

const VIEW = `CREATE MATERIALIZED VIEW heard AS SELECT item, count(*) AS n, sum(price) AS total FROM ${STREAM} GROUP BY item`;
/** The wall clock may jump further than either, and what is held goes with the times of epochs. */
const RETENTIONS = ['1 hour', '2 days'];

const FETCHED = 50;
/** Changes that are gone are asked for so often, on average: the clock may be another one by then. */
const ASKED_AGAIN = 4;
const REST_MS_MAX = 20_000;

/**
 * A client that follows a view's changes with cursors of a subscription: each begins where the last one ended, whatever has happened to the server in between. What it has heard of,
 * applied in order, is the view: no change is missing, comes twice or before its time.
 */
export class ChangeFollower implements Feature {
  readonly name = 'followed changes';
  readonly #world: World;
  readonly #server: SimulatedServer;
  readonly #random: Random;
  /** Rows of the view as of `#since`. */
  #rows: ReadonlyMap<string, string> = new Map();
  /** The time of the newest epoch all of whose changes have been fetched; null: the next cursor begins with the content. */
  #since: number | null = null;
  #caughtUp = false;

  constructor(world: World, server: SimulatedServer) {
    this.#world = world;
    this.#server = server;
    this.#random = world.newRandom();
  }

  async begin(client: Client): Promise<void> {
    await client.run(VIEW);
    const retention = RETENTIONS[this.#random.nextInt(RETENTIONS.length)]!;
    await client.run(`CREATE SUBSCRIPTION followed FROM heard WITH (retention = '${retention}')`);
  }

  async run(untilSeconds: number): Promise<void> {
    while (this.#world.seconds < untilSeconds) {
      try {
        await this.#follow(await openClient(this.#server));
      } catch (error) {
        tolerate(this.#world, 'a cursor of changes', error);
      }
      await this.#world.sleep(500 + this.#random.nextInt(REST_MS_MAX));
    }
  }

  /** The cursor is a client's own, and may be ahead of this transaction or behind it. */
  async look(client: Client): Promise<void> {
    const shown = await client.rows('SELECT item, n, total FROM heard');
    await this.#follow(await openClient(this.#server));
    this.#caughtUp = multisetDifference(shown, [...this.#rows.values()], 'by value') === null;
  }

  get caughtUp(): boolean {
    return this.#caughtUp;
  }

  get progress(): string {
    return `changes of heard followed to ${this.#since}`;
  }

  /** What a cursor has shown counts when it has come to its end: until then an epoch may be there in part. */
  async #follow(client: Client): Promise<void> {
    const since = this.#since;
    const rows = new Map(since === null ? [] : this.#rows);
    let newest = since;
    await client.run('BEGIN');
    const from = since === null ? 'FULL' : `SINCE ${since}`;
    await client.run(`DECLARE changes SUBSCRIPTION CURSOR FOR followed ${from}`).catch((error: unknown) => {
      if (toSqlError(error).code === SqlState.snapshotTooOld && this.#random.nextInt(ASKED_AGAIN) === 0) this.#since = null;
      throw error;
    });
    for (;;) {
      const fetched = await client.rows(`FETCH ${FETCHED} FROM changes WITH (timeout = '0s')`);
      if (fetched.length === 0) break;
      for (const line of fetched) newest = applied(line, rows, { since, newest });
    }
    await client.run('COMMIT');
    this.#rows = rows;
    this.#since = newest;
  }
}

/** The time of the change, or `newest` where it is part of the content. Throws a Violation where `rows` cannot change so. */
function applied(
  line: string,
  rows: Map<string, string>,
  { since, newest }: { readonly since: number | null; readonly newest: number | null },
): number | null {
  const [item, n, total, op, timestamp] = line.split('\t');
  const time = timestamp === 'NULL' ? null : Number(timestamp);
  if (time !== null && (time < (newest ?? 0) || time === since))
    throw new Violation(`a change of ${time} is told behind ${newest}, from ${since} on: ${line}`);
  const row = `${item}\t${n}\t${total}`;
  const there = rows.get(item!);
  if (op === 'Delete' || op === 'UpdateDelete') {
    if (there !== row) throw new Violation(`a row goes that was not there: ${line} after ${there}`);
    rows.delete(item!);
  } else {
    if (there !== undefined) throw new Violation(`a row comes while another one of its key is there: ${line} after ${there}`);
    rows.set(item!, row);
  }
  return time ?? newest;
}
