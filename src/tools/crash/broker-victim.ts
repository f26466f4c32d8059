import type { RunningBroker } from '../kafka/index.ts';
import type { Victim } from './topology.ts';

/** The broker, which all points of a run share. */
export class BrokerVictim implements Victim {
  readonly #broker: RunningBroker;
  #killed = false;

  constructor(broker: RunningBroker) {
    this.#broker = broker;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#killed) return;
    if (signal === 'SIGKILL') this.#killed = true;
    process.kill(this.#broker.pid!, signal);
  }

  ended(): Promise<void> {
    return this.#killed ? this.#broker.kill() : Promise.resolve();
  }

  /** The same port and data, when it was killed. */
  async restart(): Promise<void> {
    if (!this.#killed) return;
    await this.#broker.restart();
    this.#killed = false;
  }
}
