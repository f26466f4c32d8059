import { createSessionFactory, relationId, type ServerSession } from '../../session/index.ts';
import { runSql, textRows } from '../sqltest/index.ts';
import { ProcessKilled } from './process-life.ts';
import type { ServerProcess, SimulatedServer } from './simulated-server.ts';

/** A client's connection to the process that leads. Rejects with ProcessKilled when that leads no more, whatever it would still have said. */
export class Client {
  readonly #process: ServerProcess;
  readonly #session: ServerSession;

  constructor(process: ServerProcess, session: ServerSession) {
    this.#process = process;
    this.#session = session;
  }

  /** Which of all the processes that have led one day this one is: 1, 2 … */
  get lead(): number {
    return this.#process.lead;
  }

  run(sql: string): Promise<void> {
    return this.#ask(() => runSql({ session: this.#session }, sql));
  }

  /** Rows as lines, cells separated by tabs. */
  rows(sql: string): Promise<string[]> {
    return this.#ask(() => textRows({ session: this.#session }, sql));
  }

  /** The newest epoch that can be read of these relations, as far as they are there. */
  newestEpoch(names: readonly string[]): Promise<number> {
    return this.#ask(async () => {
      const { engine } = this.#process;
      const reader = engine.snapshot.reader(['public']);
      const relations = names.flatMap((name) => reader.relation(null, name) ?? []);
      const pinned = await engine.cluster.pin(relations.map(relationId), 0);
      pinned.release();
      return pinned.epoch;
    });
  }

  #ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    return ask(this.#process, question);
  }
}

export async function openClient(server: SimulatedServer): Promise<Client> {
  return connect(await server.process());
}

export async function connect(process: ServerProcess): Promise<Client> {
  const observer = { parameterChanged: () => undefined, notice: () => undefined };
  const factory = createSessionFactory(process.engine);
  const session = await ask(process, () => factory.open({ user: 'fsql', database: 'fsql', settings: new Map(), processId: 1, observer }));
  return new Client(process, session);
}

function ask<Answer>({ life, clients }: ServerProcess, question: () => Promise<Answer>): Promise<Answer> {
  return clients.killed ? Promise.reject(new ProcessKilled()) : clients.answer(life.outside(question));
}
