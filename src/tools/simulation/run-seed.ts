import { BidFeed } from './bid-feed.ts';
import { FaultMaker } from './fault-maker.ts';
import type { Feature } from './feature.ts';
import { JobChanger } from './job-changer.ts';
import { LawObserver } from './law-observer.ts';
import { ProcessKilled } from './process-life.ts';
import { type Program, randomProgram, sinkStatements, streamStatement, tableStatements } from './program.ts';
import { randomFeatures } from './random-features.ts';
import { SavepointTaker } from './savepoint-taker.ts';
import { openClient } from './simulated-client.ts';
import type { ProcessIngredients } from './simulated-process.ts';
import { SimulatedServer } from './simulated-server.ts';
import { SimulatedTaskManager } from './simulated-task-manager.ts';
import { SinkChecker } from './sink-checker.ts';
import { StepTrap } from './step-trap.ts';
import { TableWriter } from './table-writer.ts';
import { placesOf, randomTopology, type Topology } from './topology.ts';
import { ViewMaker } from './view-maker.ts';
import { Violation, World } from './world.ts';

export interface RunOptions {
  /** Virtual seconds in which rows come and everything fails. */
  readonly faultSeconds: number;
}

export interface SeedOutcome {
  readonly seed: number;
  readonly traceHash: string;
  /** Scheduling steps of the whole run. */
  readonly steps: number;
  readonly virtualSeconds: number;
  /** Processes there are at once, and how many have been started. */
  readonly processes: number;
  readonly starts: number;
  readonly comparisons: number;
  /** How often jobs were rescaled to the slots there are. */
  readonly rescalings: number;
  /** How often a new view went on with a part of its history. */
  readonly resumptions: number;
  /** How often what was done to the processes. */
  readonly faults: ReadonlyMap<string, number>;
  /** What was violated, with the last events; null: nothing. */
  readonly failure: string | null;
}

/** In so many virtual seconds after the last fault everything has caught up. */
const CATCH_UP_SECONDS = 90;
/** By then every run is over: its clients wait for nothing but answers. */
const END_AFTER_SECONDS = 2 * CATCH_UP_SECONDS;
const STEPS_AN_INSTANT_MAX = 400_000;

/** One world with one server in it, of one process or of several, from one seed. The same seed gives the same run, step by step. */
export async function runSeed(seed: number, ingredients: ProcessIngredients, options: RunOptions): Promise<SeedOutcome> {
  const run = new SimulatedRun(seed, ingredients, options);
  await run.run();
  return run.outcome();
}

class SimulatedRun {
  readonly #seed: number;
  readonly #faultSeconds: number;
  readonly #world: World;
  readonly #topology: Topology;
  readonly #server: SimulatedServer;
  readonly #taskManagers: readonly SimulatedTaskManager[];
  readonly #program: Program;
  readonly #feed: BidFeed;
  readonly #tables: TableWriter;
  readonly #views: ViewMaker;
  readonly #jobs: JobChanger;
  readonly #observer: LawObserver;
  readonly #sinks: SinkChecker;
  readonly #features: readonly Feature[];
  readonly #faults: FaultMaker;
  readonly #savepoints: SavepointTaker;
  readonly #waitsFor = new Set<string>();
  #done = false;

  constructor(seed: number, ingredients: ProcessIngredients, { faultSeconds }: RunOptions) {
    this.#seed = seed;
    this.#faultSeconds = faultSeconds;
    const world = new World(seed);
    const random = world.newRandom();
    this.#world = world;
    const trap = new StepTrap();
    const stepped = trap.stepped.bind(trap);
    const topology = randomTopology(random);
    this.#topology = topology;
    this.#server = new SimulatedServer(world, { ingredients, topology, stepped });
    this.#taskManagers = topology.taskManagers.map((_, index) => new SimulatedTaskManager(world, { ingredients, topology, index, stepped }));
    this.#program = randomProgram(random);
    this.#feed = new BidFeed(world, 1 + random.nextInt(3));
    this.#tables = new TableWriter(world, this.#server);
    this.#views = new ViewMaker(world, this.#server);
    this.#sinks = new SinkChecker(world, this.#feed);
    this.#jobs = new JobChanger({
      world,
      server: this.#server,
      views: this.#views,
      sinks: this.#program.sinks,
      checker: this.#sinks,
      seenRows: () => this.#observer.seenRows,
      parallelism: topology.parallelism,
      groups: topology.reactive !== null && placesOf(topology) > 1,
    });
    this.#features = randomFeatures(world, { server: this.#server, feed: this.#feed });
    this.#observer = new LawObserver({
      world,
      server: this.#server,
      feed: this.#feed,
      tables: this.#tables,
      sinks: this.#sinks,
      features: this.#features,
      views: () => this.#views.present,
      drops: () => this.#views.drops,
      hasStoodStill: (view, sinceSeconds) => this.#jobs.hasStoodStill(view, sinceSeconds),
    });
    this.#savepoints = new SavepointTaker({
      world,
      ingredients,
      server: this.#server,
      feed: this.#feed,
      tables: this.#tables,
      views: () => this.#views.present,
      drops: () => this.#views.drops,
      seenCounts: () => this.#observer.seenCounts,
      hasStoodStill: (view, sinceSeconds) => this.#jobs.hasStoodStill(view, sinceSeconds),
    });
    this.#faults = new FaultMaker({ world, server: this.#server, taskManagers: this.#taskManagers, trap });
  }

  async run(): Promise<void> {
    this.#guard(this.#server.supervise());
    for (const one of this.#taskManagers) this.#guard(one.supervise());
    this.#guard(this.#story());
    while (!this.#done && this.#world.violation === null) {
      const before = this.#world.steps;
      // Everything that can go on without time going on has run when the event loop comes round.
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#world.steps - before > STEPS_AN_INSTANT_MAX) this.#world.violated(new Violation('the slots find no rest'));
      if (this.#world.seconds > this.#faultSeconds + END_AFTER_SECONDS)
        this.#world.violated(new Violation(`the run finds no end: ${[...this.#waitsFor].join(', ')} go on`));
      if (this.#done || this.#world.ringBells()) continue;
      if (!this.#world.clock.step()) this.#world.violated(new Violation('nothing waits for anything any more'));
    }
    if (this.#world.violation !== null) this.#world.event(`the server as it is:\n${this.#server.describe()}`);
    for (const process of [...this.#server.processes, ...this.#taskManagers.flatMap((one) => one.process ?? [])]) process.life.kill();
  }

  outcome(): SeedOutcome {
    const world = this.#world;
    const { violation } = world;
    return {
      seed: this.#seed,
      traceHash: world.traceHash(),
      steps: world.steps,
      virtualSeconds: world.seconds,
      starts: this.#server.starts + this.#taskManagers.reduce((sum, one) => sum + one.starts, 0),
      processes: this.#topology.servers + this.#topology.taskManagers.length,
      comparisons: this.#observer.comparisons,
      rescalings: world.rescalings,
      resumptions: world.resumptions,
      faults: world.faults,
      failure: violation === null ? null : [violation.message, ...world.lastEvents].join('\n'),
    };
  }

  async #story(): Promise<void> {
    await this.#stage('beginning', this.#begin());
    await Promise.all([
      this.#stage('faults', this.#faults.run(this.#faultSeconds)),
      this.#stage('feed', this.#feed.run(this.#faultSeconds)),
      this.#stage('tables', this.#tables.run(this.#faultSeconds)),
      this.#stage('views', this.#views.run(this.#program.late, this.#faultSeconds)),
      this.#stage('changes of jobs', this.#jobs.run(this.#faultSeconds)),
      this.#stage('savepoints', this.#savepoints.run(this.#faultSeconds)),
      ...this.#features.map((feature) => this.#stage(feature.name, feature.run(this.#faultSeconds))),
      this.#stage('observer', this.#observer.run(this.#faultSeconds)),
    ]);
    await this.#stage('catching up', this.#catchUp());
    this.#done = true;
  }

  async #stage(name: string, work: Promise<void>): Promise<void> {
    this.#waitsFor.add(name);
    await work;
    this.#waitsFor.delete(name);
  }

  /** Nothing fails yet. */
  async #begin(): Promise<void> {
    const client = await openClient(this.#server);
    for (const sql of [...tableStatements, streamStatement(this.#world.kafkaIsSlow)]) await client.run(sql);
    await this.#tables.fund(client);
    for (const view of this.#program.early) await this.#views.make(view);
    for (const sql of sinkStatements(this.#program)) await client.run(sql);
    this.#sinks.watch(this.#program.sinks);
    for (const feature of this.#features) await feature.begin(client);
  }

  /** Liveness: without faults all is read within a time, and every view is what it has to be. */
  async #catchUp(): Promise<void> {
    const deadline = this.#world.seconds + CATCH_UP_SECONDS;
    while (!(await this.#observer.lookAtAll()) || !this.#observer.caughtUp || !this.#sinks.caughtUp) {
      if (this.#world.seconds > deadline)
        throw new Violation(
          `not everything is read ${CATCH_UP_SECONDS} s after the last fault: ${this.#observer.progress}; sinks ${this.#sinks.progress}`,
        );
      await this.#world.sleep(1_000);
    }
  }

  #guard(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (error instanceof Violation) this.#world.violated(error);
      else if (error instanceof ProcessKilled) this.#world.violated(new Violation(`a client was not ready for a killed server: ${error.stack}`));
      else this.#world.violated(new Violation(`a client failed: ${error instanceof Error ? error.stack : String(error)}`));
    });
  }
}
