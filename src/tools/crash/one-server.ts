import type pg from 'pg';
import { ServerProcess } from '../processes/index.ts';
import type { BrokerVictim } from './broker-victim.ts';
import type { Topology, Victim, VictimName } from './topology.ts';

const SLOTS = 2;

/** `fsql serve`: everything in one process. */
export class OneServer implements Topology {
  readonly longMs = 2_000;
  readonly #server: ServerProcess;
  readonly #broker: BrokerVictim;

  private constructor(server: ServerProcess, broker: BrokerVictim) {
    this.#server = server;
    this.#broker = broker;
  }

  static async start(broker: BrokerVictim): Promise<OneServer> {
    return new OneServer(await ServerProcess.start({ slots: SLOTS }), broker);
  }

  get dataDir(): string {
    return this.#server.dataDir;
  }

  connect(): Promise<pg.Client> {
    return this.#server.connect();
  }

  victims(name: VictimName): readonly Victim[] {
    const server = this.#server;
    return name === 'broker' ? [this.#broker] : [{ signal: (signal) => server.signal(signal), ended: () => server.end() }];
  }

  async relaunch(): Promise<void> {
    await this.#broker.restart();
    if (!this.#server.running) this.#server.relaunch();
  }

  async makeWhole(): Promise<void> {
    await this.relaunch();
    await this.#server.ready();
  }

  logs(): string {
    return this.#server.history;
  }

  async dispose(): Promise<void> {
    this.#server.signal('SIGCONT');
    await this.#server.dispose();
  }
}
