import type { Random } from '../../base/index.ts';
import type { Effect } from './account-journal.ts';

/** Of each table: so few that clients meet. */
export const ACCOUNTS = 3;

/** The tables with and without a key; an account is named by its table and id. */
export interface AccountTables {
  readonly keyed: string;
  readonly unkeyed: string;
}

export type Ask = (sql: string) => Promise<(string | null)[][]>;

/** What no answer may say, whatever happens. */
export class WrongAnswer extends Error {}

/** Something a client does to accounts, whole or not at all. */
export interface Operation {
  readonly name: string;
  readonly effect: Effect;
  /** The statements of a block before its COMMIT: where one fails, nothing was done. */
  work(ask: Ask): Promise<void>;
  /** The statement whose answer says that it is done. */
  readonly last: string;
}

/** One row of `keyed` and of `unkeyed`, one more id, and an amount. */
interface Chosen extends AccountTables {
  readonly id: number;
  readonly other: number;
  readonly amount: number;
}

type Kind = (chosen: Chosen) => Operation;

const single = (name: string, sql: (chosen: Chosen) => string, table: keyof AccountTables = 'keyed'): Kind => {
  return (chosen) => ({
    name,
    effect: new Map([[`${chosen[table]} ${chosen.id}`, chosen.amount]]),
    work: async () => undefined,
    last: sql(chosen),
  });
};

const block = (name: string, work: (chosen: Chosen, ask: Ask) => Promise<void>, effect?: (chosen: Chosen) => Effect): Kind => {
  return (chosen) => ({
    name,
    effect: effect?.(chosen) ?? new Map([[`${chosen.keyed} ${chosen.id}`, chosen.amount]]),
    work: async (ask) => {
      await ask('BEGIN');
      await work(chosen, ask);
    },
    last: 'COMMIT',
  });
};

const update = (table: string, id: number, amount: number): string => `UPDATE ${table} SET n = n + ${amount} WHERE id = ${id}`;
const upsert = ({ keyed, id, amount }: Chosen): string =>
  `INSERT INTO ${keyed} VALUES (${id}, ${amount}) ON CONFLICT (id) DO UPDATE SET n = ${keyed}.n + excluded.n`;
const merge = ({ keyed, id, amount }: Chosen): string =>
  `MERGE INTO ${keyed} USING (VALUES (${id}, ${amount})) AS s (id, more) ON s.id = ${keyed}.id WHEN MATCHED THEN UPDATE SET n = ${keyed}.n + s.more`;

const moved = ({ keyed, id, other, amount }: Chosen): Effect =>
  new Map([
    [`${keyed} ${id}`, -amount],
    [`${keyed} ${other}`, amount],
  ]);

/** Reads the number and writes another one. */
async function replaced(ask: Ask, table: string, id: number): Promise<number> {
  const rows = await ask(`SELECT n FROM ${table} WHERE id = ${id}`);
  if (rows.length !== 1) throw new WrongAnswer(`${rows.length} rows of account ${id} of ${table}`);
  return Number(rows[0]![0]);
}

const kinds: readonly Kind[] = [
  single('update', ({ keyed, id, amount }) => update(keyed, id, amount)),
  single('update without a key', ({ unkeyed, id, amount }) => update(unkeyed, id, amount), 'unkeyed'),
  single('upsert', upsert),
  single('merge', merge),
  single('block in one message', ({ keyed, id, amount }) => `BEGIN; ${update(keyed, id, amount - 1)}; ${update(keyed, id, 1)}; COMMIT`),
  block(
    'transfer',
    async ({ keyed, id, other, amount }, ask) => {
      await ask(update(keyed, id, -amount));
      await ask(update(keyed, other, amount));
    },
    moved,
  ),
  block(
    'transfer between tables',
    async ({ keyed, unkeyed, id, other, amount }, ask) => {
      await ask(update(unkeyed, id, -amount));
      await ask(update(keyed, other, amount));
    },
    ({ keyed, unkeyed, id, other, amount }) =>
      new Map([
        [`${unkeyed} ${id}`, -amount],
        [`${keyed} ${other}`, amount],
      ]),
  ),
  block('upsert in a block', async (chosen, ask) => {
    await ask(upsert(chosen));
  }),
  block('merge in a block', async (chosen, ask) => {
    await ask(merge(chosen));
  }),
  block('deleted and inserted', async ({ keyed, id, amount }, ask) => {
    const n = await replaced(ask, keyed, id);
    await ask(`DELETE FROM ${keyed} WHERE id = ${id}`);
    await ask(`INSERT INTO ${keyed} VALUES (${id}, ${n + amount})`);
  }),
  block('read and written', async ({ keyed, id, amount }, ask) => {
    const n = await replaced(ask, keyed, id);
    await ask(`UPDATE ${keyed} SET n = ${n + amount} WHERE id = ${id}`);
  }),
  block(
    'read and written without a key',
    async ({ unkeyed, id, amount }, ask) => {
      const n = await replaced(ask, unkeyed, id);
      await ask(`UPDATE ${unkeyed} SET n = ${n + amount} WHERE id = ${id}`);
    },
    ({ unkeyed, id, amount }) => new Map([[`${unkeyed} ${id}`, amount]]),
  ),
  block('savepoint', async ({ keyed, id, other, amount }, ask) => {
    await ask('SAVEPOINT one');
    await ask(update(keyed, other, 1));
    await ask('ROLLBACK TO SAVEPOINT one');
    await ask(update(keyed, id, amount));
  }),
];

export function chooseOperation(tables: AccountTables, random: Random): Operation {
  const id = random.nextInt(ACCOUNTS);
  const other = (id + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
  return kinds[random.nextInt(kinds.length)]!({ ...tables, id, other, amount: 2 + random.nextUint32() });
}
