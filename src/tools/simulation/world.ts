import { createHash } from 'node:crypto';
import { type Random, seededRandom } from '../../base/index.ts';
import { type LinkFaults, ModelCluster, noFaults } from '../../connectors/kafka/testing/index.ts';
import { SimulatedDisk } from '../../state/testing/index.ts';
import { VirtualClock } from '../sqltest/index.ts';

/** Where the world's time begins. */
const START_MICROS = BigInt(Date.UTC(2024, 0, 1)) * 1000n;
const LAST_EVENTS = 60;

/** What a run has broken. */
export class Violation extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Violation';
  }
}

/** All that is outside the processes and outlives them: time, chance, the disk, Kafka, and the record of what has happened. */
export class World {
  readonly clock = new VirtualClock(START_MICROS);
  readonly kafka: ModelCluster;
  readonly disk: SimulatedDisk;
  readonly #seed: number;
  readonly #hash = createHash('sha256');
  readonly #lastEvents: string[] = [];
  /** What happens to requests on their way to Kafka. */
  linkFaults: LinkFaults = noFaults;
  #sources = 0;
  #steps = 0;
  #violation: Violation | null = null;

  constructor(seed: number) {
    this.#seed = seed;
    this.disk = new SimulatedDisk(this.newRandom());
    this.kafka = new ModelCluster(this.clock, this.newRandom());
  }

  get steps(): number {
    return this.#steps;
  }

  get violation(): Violation | null {
    return this.#violation;
  }

  get lastEvents(): readonly string[] {
    return this.#lastEvents;
  }

  get seconds(): number {
    return this.clock.monotonicMs() / 1000;
  }

  /** A source of chance of its own for each part, so that one part's appetite does not change another's luck. */
  newRandom(): Random {
    return seededRandom(this.#seed * 1_009 + ++this.#sources);
  }

  sleep(forMs: number): Promise<void> {
    return new Promise((resolve) => this.clock.after(forMs, resolve));
  }

  /** One step of the schedule: counted, and part of the hash. */
  step(what: string): void {
    this.#steps++;
    this.#hash.update(what).update('\n');
  }

  /** Something worth telling when the run fails. */
  event(what: string): void {
    const line = `${this.seconds.toFixed(3)} s, step ${this.#steps}: ${what}`;
    this.#hash.update(line).update('\n');
    this.#lastEvents.push(line);
    if (this.#lastEvents.length > LAST_EVENTS) this.#lastEvents.shift();
  }

  /** The first one counts. */
  violated(violation: Violation): void {
    if (this.#violation !== null) return;
    this.event(`VIOLATION ${violation.message}`);
    this.#violation = violation;
  }

  /** Hash of every step, and of what the disk holds. */
  traceHash(): string {
    const hash = this.#hash.copy();
    for (const file of this.disk.files()) hash.update(`${file}\n`).update(this.disk.peek(file));
    return hash.digest('hex');
  }
}
