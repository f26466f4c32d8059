import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { ServerProcess } from '../processes/index.ts';

/** What one user does again and again on a connection that is opened anew when the server has gone. */
export interface Habit {
  /** One round. */
  act(client: pg.Client): Promise<void>;
  /** On a new connection: what came of the round that broke. */
  settle?(client: pg.Client): Promise<void>;
}

/** An answer that is wrong, whatever the server's state. */
export class WrongAnswer extends Error {}

const AGAIN_MS = 200;
/** serialization_failure, and what a server says that goes down or has just come up. */
const tolerated = ['40001', '57P01', '57P02', '57P03'];

/** Users that work until they are told to stop, or until one of them has seen something wrong. */
export class Users {
  readonly failures: string[] = [];
  /** Rounds done, by user. */
  readonly rounds = new Map<string, number>();
  readonly #server: ServerProcess;
  readonly #running: Promise<void>[] = [];
  #stopped = false;

  constructor(server: ServerProcess) {
    this.#server = server;
  }

  add(name: string, pauseMs: number, habit: Habit): void {
    this.rounds.set(name, 0);
    this.#running.push(this.#run(name, pauseMs, habit));
  }

  fail(name: string, error: unknown): void {
    this.failures.push(`${name}: ${textOf(error)}`);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async #run(name: string, pauseMs: number, habit: Habit): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#connection(name, pauseMs, habit);
      } catch (error) {
        if (error instanceof WrongAnswer || (error instanceof pg.DatabaseError && !tolerated.includes(error.code ?? ''))) {
          this.fail(name, error);
          return;
        }
        await sleep(AGAIN_MS);
      }
    }
  }

  async #connection(name: string, pauseMs: number, habit: Habit): Promise<void> {
    const client = await this.#server.connect();
    try {
      await habit.settle?.(client);
      while (!this.#stopped) {
        await habit.act(client);
        this.rounds.set(name, this.rounds.get(name)! + 1);
        await sleep(pauseMs);
      }
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** With the detail a server gives: that a job fails says nothing, why it does is there. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { detail } = error as { detail?: unknown };
  return typeof detail === 'string' ? `${error.message} (${detail})` : error.message;
}
