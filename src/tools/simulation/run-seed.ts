import { runSql } from '../sqltest/index.ts';
import { BidFeed } from './bid-feed.ts';
import { FaultMaker } from './fault-maker.ts';
import { LawObserver } from './law-observer.ts';
import { ProcessKilled } from './process-life.ts';
import { type Program, randomProgram, streamStatement, tableStatements } from './program.ts';
import { type BuiltIns, openClient, SimulatedServer } from './simulated-server.ts';
import { TableWriter } from './table-writer.ts';
import { ViewMaker } from './view-maker.ts';
import { Violation, World } from './world.ts';

export interface SeedOutcome {
  readonly seed: number;
  readonly traceHash: string;
  /** Scheduling steps of the whole run. */
  readonly steps: number;
  readonly virtualSeconds: number;
  readonly starts: number;
  readonly comparisons: number;
  /** What was violated, with the last events; null: nothing. */
  readonly failure: string | null;
}

const FAULTS_SECONDS = 240;
/** In so many virtual seconds after the last fault everything has caught up. */
const CATCH_UP_SECONDS = 90;
const STEPS_AN_INSTANT_MAX = 400_000;

/** One world with one server in it, from one seed. The same seed gives the same run, step by step. */
export async function runSeed(seed: number, builtIns: BuiltIns): Promise<SeedOutcome> {
  const run = new SimulatedRun(seed, builtIns);
  await run.run();
  return run.outcome();
}

class SimulatedRun {
  readonly #seed: number;
  readonly #world: World;
  readonly #server: SimulatedServer;
  readonly #program: Program;
  readonly #feed: BidFeed;
  readonly #tables: TableWriter;
  readonly #views: ViewMaker;
  readonly #observer: LawObserver;
  readonly #faults: FaultMaker;
  #done = false;

  constructor(seed: number, builtIns: BuiltIns) {
    this.#seed = seed;
    const world = new World(seed);
    const random = world.newRandom();
    this.#world = world;
    this.#server = new SimulatedServer(world, builtIns);
    this.#program = randomProgram(random);
    this.#feed = new BidFeed(world, 1 + random.nextInt(3));
    this.#tables = new TableWriter(world, this.#server);
    this.#views = new ViewMaker(world, this.#server);
    const views = () => this.#views.present;
    this.#observer = new LawObserver({ world, server: this.#server, feed: this.#feed, tables: this.#tables, views });
    this.#faults = new FaultMaker(world, this.#server);
  }

  async run(): Promise<void> {
    this.#guard(this.#server.supervise());
    this.#guard(this.#story());
    while (!this.#done && this.#world.violation === null) {
      const before = this.#world.steps;
      // Everything that can go on without time going on has run when the event loop comes round.
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#world.steps - before > STEPS_AN_INSTANT_MAX) this.#world.violated(new Violation('the slots find no rest'));
      if (!this.#done && !this.#world.clock.step()) this.#world.violated(new Violation('nothing waits for anything any more'));
    }
    this.#server.kill({ power: false, why: 'the end of the run' });
  }

  outcome(): SeedOutcome {
    const world = this.#world;
    const { violation } = world;
    return {
      seed: this.#seed,
      traceHash: world.traceHash(),
      steps: world.steps,
      virtualSeconds: world.seconds,
      starts: this.#server.starts,
      comparisons: this.#observer.comparisons,
      failure: violation === null ? null : [violation.message, ...world.lastEvents].join('\n'),
    };
  }

  async #story(): Promise<void> {
    await this.#begin();
    await Promise.all([
      this.#faults.run(FAULTS_SECONDS),
      this.#feed.run(FAULTS_SECONDS),
      this.#tables.run(FAULTS_SECONDS),
      this.#views.run(this.#program.late, FAULTS_SECONDS),
      this.#observer.run(FAULTS_SECONDS),
    ]);
    await this.#catchUp();
    this.#done = true;
  }

  /** Nothing fails yet. */
  async #begin(): Promise<void> {
    const client = await openClient(this.#server);
    for (const sql of [...tableStatements, streamStatement()]) await client.process.life.answer(runSql(client, sql));
    await this.#tables.fund(client);
    for (const view of this.#program.early) await this.#views.make(view);
  }

  /** Liveness: without faults all is read within a time, and every view is what it has to be. */
  async #catchUp(): Promise<void> {
    const deadline = this.#world.seconds + CATCH_UP_SECONDS;
    while (!(await this.#observer.lookAtAll()) || !this.#observer.caughtUp) {
      if (this.#world.seconds > deadline)
        throw new Violation(`not everything is read ${CATCH_UP_SECONDS} s after the last fault: ${this.#observer.progress}`);
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
