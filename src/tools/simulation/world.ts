import { createHash } from 'node:crypto';
import { memoryStorage, type Random, type Storage, seededRandom } from '../../base/index.ts';
import { type LinkFaults, ModelCluster, noFaults } from '../../connectors/kafka/testing/index.ts';
import { SimulatedDisk } from '../../state/testing/index.ts';
import { VirtualClock } from '../sqltest/index.ts';
import { DirectoryOwner } from './directory-owner.ts';
import type { ProcessBells } from './process-bells.ts';
import type { ProcessLife } from './process-life.ts';
import { SimulatedNetwork } from './simulated-network.ts';

/** Where the world's time begins. */
const START_MICROS = BigInt(Date.UTC(2024, 0, 1)) * 1000n;
const LAST_EVENTS = 60;
/** Worlds in which Kafka takes its time, message by message, so that a history is read for long: one in so many. */
const SLOW_SHARE = 3;
const SLOW_MS_MAX = 200;
/** The hash takes so many characters at once: a call for each step took a twentieth of a run. */
const HASHED_CHARACTERS = 64 * 1024;

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
  readonly owner: DirectoryOwner;
  readonly network: SimulatedNetwork;
  readonly #bells = new Set<ProcessBells>();
  readonly #seed: number;
  readonly #hash = createHash('sha256');
  #unhashed = '';
  readonly #lastEvents: string[] = [];
  readonly #faults = new Map<string, number>();
  readonly #savepoints = new Map<string, Storage>();
  readonly kafkaIsSlow: boolean;
  /** What happens to requests on their way to Kafka while nothing is wrong. */
  readonly calmLinks: LinkFaults;
  /** What happens to them now. */
  linkFaults: LinkFaults;
  #sources = 0;
  /** How often jobs were rescaled to the slots there are. */
  rescalings = 0;
  /** How often a new view went on with a part of its history. */
  resumptions = 0;
  #steps = 0;
  #violation: Violation | null = null;

  constructor(seed: number) {
    this.#seed = seed;
    this.disk = new SimulatedDisk(this.newRandom());
    this.owner = new DirectoryOwner(this.disk);
    this.kafka = new ModelCluster(this.clock, this.newRandom());
    this.network = new SimulatedNetwork(this.clock, this.newRandom());
    this.kafkaIsSlow = this.newRandom().nextInt(SLOW_SHARE) === 0;
    this.calmLinks = this.kafkaIsSlow ? { ...noFaults, delayMsMax: SLOW_MS_MAX } : noFaults;
    this.linkFaults = this.calmLinks;
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

  /** How often what has been done to the processes, by kind. */
  get faults(): ReadonlyMap<string, number> {
    return this.#faults;
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

  /** Where a savepoint is: a disk of its own. */
  savepoint(path: string): Storage {
    const storage = this.#savepoints.get(path) ?? memoryStorage();
    this.#savepoints.set(path, storage);
    return storage;
  }

  /** A path that no savepoint has. */
  newSavepointPath(): string {
    return `savepoint-${this.#savepoints.size + 1}-${this.#steps}`;
  }

  /** A process begins. */
  enter(life: ProcessLife, bells: ProcessBells): void {
    this.#bells.add(bells);
    life.onKill(() => this.#bells.delete(bells));
  }

  /** Tells processes of what others have put into their rings; false when there is nothing of the kind. */
  ringBells(): boolean {
    let rung = false;
    for (const bells of this.#bells) rung = bells.look() || rung;
    return rung;
  }

  /** One step of the schedule of a process: counted, and part of the hash. */
  step(host: string, what: string): void {
    this.#steps++;
    this.#record(host);
    this.#record(what);
  }

  /** Something has been made to go wrong. */
  fault(kind: string): void {
    this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + 1);
  }

  /** Something worth telling when the run fails. */
  event(what: string): void {
    const line = `${this.seconds.toFixed(3)} s, step ${this.#steps}: ${what}`;
    this.#record(line);
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
    const hash = this.#hash.copy().update(this.#unhashed);
    for (const file of this.disk.files()) hash.update(`${file}\n`).update(this.disk.peek(file));
    return hash.digest('hex');
  }

  #record(line: string): void {
    this.#unhashed += `${line}\n`;
    if (this.#unhashed.length < HASHED_CHARACTERS) return;
    this.#hash.update(this.#unhashed);
    this.#unhashed = '';
  }
}
