import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../base/index.ts';
import { commitSteps, type KafkaGate, recoverySteps, whenSeen } from '../processes/index.ts';
import type { Client } from './client.ts';
import { type DiskStep, definitionIsLogged, diskSteps, rowsAreLogged, whenOnDisk } from './disk-step.ts';
import type { Program } from './program.ts';
import type { Topology, Victim, VictimName } from './topology.ts';

/** What a blow has at hand. */
export interface Blow {
  readonly topology: Topology;
  readonly victim: VictimName;
  readonly random: Random;
  readonly gate: KafkaGate;
  readonly client: Client;
  /** Resolves when rows that came after the call are in the answer. */
  readonly progress: () => Promise<void>;
}

/** When the victim is hit, and with what. */
export interface Moment {
  readonly name: string;
  /** The blow falls while the last view or sink is made, not while it runs. */
  readonly whileDefining: boolean;
  fits(program: Program, victim: VictimName): boolean;
  /** Resolves when the blow has fallen; what has ended is still down. */
  strike(blow: Blow): Promise<void>;
}

const SOON_MS = 600;
const START_MS = 1_200;
const DEFINING_MS = 250;
const SHORT_MS = 500;
const STEP_MS_MAX = 40_000;
const PAUSE_MS = 10;
/** Whose end makes a sink begin anew. */
const carriers: readonly VictimName[] = ['server', 'JobManager', 'all TaskManagers', 'JobManager and TaskManager'];

const always = (): boolean => true;
const writesKafka = ({ answer }: Program): boolean => {
  const { kind } = answer({ suffix: 0, servers: '', inputTopic: '', outputTopic: '', folder: '' });
  return kind === 'records' || kind === 'newest records';
};
/** Processes that write nothing to the directory are hit at chance points of it, which is what random times are for. */
const takesPart = (victim: VictimName): boolean => victim !== 'standby' && victim !== 'front end' && victim !== 'broker';

async function kill({ topology, victim, random }: Blow): Promise<void> {
  const hit = topology.victims(victim, random);
  for (const one of hit) one.signal('SIGKILL');
  await Promise.all(hit.map((one) => one.ended()));
}

async function inTime(what: string, seen: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the step was never seen: ${what}`)), STEP_MS_MAX);
  });
  await Promise.race([seen, late]).finally(() => clearTimeout(timer));
}

/** Checkpoints until `done`; whether one succeeds is not the point. */
async function checkpointUntil({ client }: Blow, what: string, done: Promise<unknown>): Promise<void> {
  let going = true;
  const deadline = performance.now() + STEP_MS_MAX;
  void done.then(() => {
    going = false;
  });
  while (going) {
    if (performance.now() > deadline) throw new Error(`the step was never seen: ${what}`);
    const checkpoint = client.rows('CHECKPOINT').catch(() => undefined);
    await Promise.race([done, checkpoint]);
    await Promise.race([done, sleep(PAUSE_MS)]);
  }
}

/** Whoever is hit is chosen before, so that nothing lies between the step and the signal. */
async function killAt(blow: Blow, what: string, arm: (then: () => void) => Promise<unknown>): Promise<void> {
  const hit = blow.topology.victims(blow.victim, blow.random);
  const seen = arm(() => {
    for (const one of hit) one.signal('SIGKILL');
  });
  await checkpointUntil(blow, what, seen);
  await Promise.all(hit.map((one) => one.ended()));
}

async function killAgain(blow: Blow): Promise<void> {
  await blow.topology.relaunch();
  await sleep(blow.random.nextInt(START_MS));
  await kill(blow);
}

async function stop({ topology, victim, random }: Blow, milliseconds: number): Promise<void> {
  const hit = topology.victims(victim, random);
  for (const one of hit) one.signal('SIGSTOP');
  await sleep(milliseconds);
  for (const one of hit) one.signal('SIGCONT');
}

const moment = (name: string, strike: Moment['strike'], fits: Moment['fits'] = always): Moment => ({ name, whileDefining: false, fits, strike });

function atDiskStep(step: DiskStep, fits: Moment['fits']): Moment {
  const strike = (blow: Blow): Promise<void> => killAt(blow, step.name, (then) => whenOnDisk(blow.topology.dataDir, step, then).seen);
  return moment(step.name, strike, fits);
}

const general: readonly Moment[] = [
  moment('at any time', async (blow) => {
    await sleep(blow.random.nextInt(SOON_MS));
    await kill(blow);
  }),
  moment('twice, while it recovers', async (blow) => {
    await kill(blow);
    await killAgain(blow);
  }),
  moment('three times, while it recovers', async (blow) => {
    await kill(blow);
    await killAgain(blow);
    await killAgain(blow);
  }),
  moment('twice, soon after it runs again', async (blow) => {
    await kill(blow);
    await blow.topology.makeWhole();
    await blow.progress();
    await sleep(blow.random.nextInt(SOON_MS));
    await kill(blow);
  }),
  moment('stopped for a moment', (blow) => stop(blow, blow.random.nextInt(SHORT_MS))),
  moment('stopped for long', (blow) => stop(blow, blow.topology.longMs)),
];

const defining: readonly Moment[] = [
  {
    name: 'while a definition is made and filled',
    whileDefining: true,
    fits: always,
    strike: async (blow) => {
      await sleep(blow.random.nextInt(DEFINING_MS));
      await kill(blow);
    },
  },
  {
    name: definitionIsLogged.name,
    whileDefining: true,
    fits: (_program, victim) => takesPart(victim),
    strike: async (blow) => {
      const hit = blow.topology.victims(blow.victim, blow.random);
      const step = whenOnDisk(blow.topology.dataDir, definitionIsLogged, () => {
        for (const one of hit) one.signal('SIGKILL');
      });
      await inTime(definitionIsLogged.name, step.seen).finally(() => step.close());
      await Promise.all(hit.map((one) => one.ended()));
    },
  },
];

export const moments: readonly Moment[] = [
  ...general,
  ...defining,
  ...diskSteps.map((step) => atDiskStep(step, (_program, victim) => takesPart(victim))),
  atDiskStep(rowsAreLogged, ({ table }, victim) => table !== 'none' && takesPart(victim)),
  ...commitSteps.map((step) => moment(step.name, (blow) => killAt(blow, step.name, (then) => whenSeen(blow.gate, step, then)), writesKafka)),
  ...recoverySteps.map((step) =>
    moment(
      step.name,
      async (blow) => {
        await kill(blow);
        let hit: readonly Victim[] = [];
        const seen = whenSeen(blow.gate, step, () => {
          hit = blow.topology.victims(blow.victim, blow.random);
          for (const one of hit) one.signal('SIGKILL');
        });
        await blow.topology.relaunch();
        await inTime(step.name, seen);
        await Promise.all(hit.map((one) => one.ended()));
      },
      (program, victim) => writesKafka(program) && carriers.includes(victim),
    ),
  ),
];
