import type pg from 'pg';
import type { Random } from '../../base/index.ts';
import { ACCOUNTS, equalReads, viewsOfTables } from './soak-statements.ts';
import { type Habit, WrongAnswer } from './user.ts';

const ORDERS_KEPT = 400;
const LOOK_EVERY = 100;

/** Moves money from one account to another, and writes down what has moved: the sum stays, and each account has what it began with and all that has moved. */
export function transfers(random: Random): Habit {
  return {
    act: async (client) => {
      const [from, to, amount] = [random.nextInt(ACCOUNTS), random.nextInt(ACCOUNTS), random.nextInt(50)];
      await client.query('BEGIN');
      try {
        await client.query('UPDATE accounts SET balance = balance - $2 WHERE id = $1', [from, amount]);
        await client.query('UPDATE accounts SET balance = balance + $2 WHERE id = $1', [to, amount]);
        await client.query('INSERT INTO moves VALUES ($1, $2), ($3, $4)', [from, -amount, to, amount]);
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      }
    },
  };
}

/** Orders come, change and go, so many at a time; what was acknowledged is there afterwards, whatever happened to the server. */
export function orders(random: Random): Habit {
  const certain = new Map<number, number>();
  /** The change nobody has acknowledged; undefined: the row goes. */
  let possible: { readonly id: number; readonly amount: number | undefined } | null = null;
  let [next, rounds] = [0, 0];

  async function change(client: pg.Client, id: number, amount: number | undefined): Promise<void> {
    possible = { id, amount };
    if (amount === undefined) await client.query('DELETE FROM orders WHERE id = $1', [id]);
    else if (certain.has(id)) await client.query('UPDATE orders SET amount = $2 WHERE id = $1', [id, amount]);
    else await client.query('INSERT INTO orders VALUES ($1, $2, $3)', [id, id % ACCOUNTS, amount]);
    decide();
  }

  function decide(): void {
    if (possible === null) return;
    if (possible.amount === undefined) certain.delete(possible.id);
    else certain.set(possible.id, possible.amount);
    possible = null;
  }

  async function settle(client: pg.Client): Promise<void> {
    await client.query('FLUSH');
    const { rows } = await client.query<{ id: string; amount: string }>('SELECT id, amount FROM orders');
    const found = new Map(rows.map(({ id, amount }) => [Number(id), Number(amount)]));
    if (possible !== null && found.get(possible.id) === possible.amount) decide();
    possible = null;
    const wrong = [...new Set([...certain.keys(), ...found.keys()])].filter((id) => certain.get(id) !== found.get(id));
    if (wrong.length > 0 || rows.length !== found.size)
      throw new WrongAnswer(`orders ${wrong.map((id) => `${id}: ${found.get(id)} instead of ${certain.get(id)}`).join(', ')}`);
  }

  return {
    act: async (client) => {
      await change(client, next++, random.nextInt(1000));
      if (next > ORDERS_KEPT) await change(client, next - ORDERS_KEPT, undefined);
      const some = next - 1 - random.nextInt(Math.min(next, ORDERS_KEPT / 2));
      if (certain.has(some)) await change(client, some, random.nextInt(1000));
      if (++rounds % LOOK_EVERY === 0) await settle(client);
    },
    settle,
  };
}

/** Writes into a stream whose rows go by age; the view counts each once. */
export function events(): Habit {
  let [acknowledged, unknown, rounds] = [0, 0, 0];
  return {
    act: async (client) => {
      unknown++;
      await client.query('INSERT INTO events VALUES ($1, $2)', [acknowledged % 7, acknowledged]);
      unknown--;
      acknowledged++;
      if (++rounds % LOOK_EVERY !== 0) return;
      const n = Number((await client.query<{ n: string }>('SELECT coalesce(sum(n), 0) AS n FROM kinds')).rows[0]!.n);
      if (n < acknowledged || n > acknowledged + unknown)
        throw new WrongAnswer(`${n} events, ${acknowledged} were acknowledged, ${unknown} may be there`);
    },
  };
}

/** Reads pairs of statements that agree in one transaction, and views beside their queries. */
export function reads(random: Random): Habit {
  const ofTables = Object.entries(viewsOfTables);
  return {
    act: async (client) => {
      const [left, right] = equalReads[random.nextInt(equalReads.length)]!;
      const [view, query] = ofTables[random.nextInt(ofTables.length)]!;
      const text = `BEGIN; ${left}; ${right}; SELECT (SELECT count(*) FROM (SELECT * FROM ${view} EXCEPT ALL (${query})) l)
        + (SELECT count(*) FROM ((${query}) EXCEPT ALL SELECT * FROM ${view}) r); COMMIT`;
      const results = (await client.query({ text, rowMode: 'array' })) as unknown as pg.QueryArrayResult[];
      const [a, b, different] = results.filter(({ command }) => command === 'SELECT').map(({ rows }) => JSON.stringify(rows));
      if (a?.replaceAll(`"`, '') !== b?.replaceAll(`"`, '')) throw new WrongAnswer(`${left} gave ${a}, ${right} gave ${b}`);
      if (different !== '[["0"]]') throw new WrongAnswer(`${view} and its query differ in ${different} rows`);
    },
  };
}
