import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../base/index.ts';
import type { Client } from './client.ts';

const PAUSE_MS = 15;
const CHANGING = 7;
const COMING_AND_GOING = 20;
const VALUES = 5;

/** Writes to a table until it is told to stop. Each change is made again until it is acknowledged, so in the end what it knows is what has to be there. */
export class TableWriter {
  readonly rows = new Map<number, number>();
  readonly #done: Promise<void>;
  #stopped = false;

  constructor(client: Client, table: string, options: { readonly goes: boolean; readonly random: Random }) {
    this.#done = this.#run(client, table, options);
    this.#done.catch(() => undefined);
  }

  /** Rejects when a statement was refused. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  async #run(client: Client, table: string, { goes, random }: { readonly goes: boolean; readonly random: Random }): Promise<void> {
    const ids = goes ? COMING_AND_GOING : CHANGING;
    for (let id = 0; id < CHANGING; id++) this.rows.set(id, id);
    while (!this.#stopped) {
      const [id, v] = [random.nextInt(ids), random.nextInt(VALUES)];
      if (goes && random.nextInt(3) === 0) {
        await client.persist(`DELETE FROM ${table} WHERE id = ${id}`);
        this.rows.delete(id);
      } else {
        await client.persist(`INSERT INTO ${table} VALUES (${id}, ${v}) ON CONFLICT (id) DO UPDATE SET v = excluded.v`);
        this.rows.set(id, v);
      }
      await sleep(PAUSE_MS);
    }
  }
}
