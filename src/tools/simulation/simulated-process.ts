import { type Logger, type LogLevel, type Network, type Random, SqlError } from '../../base/index.ts';
import { type Identity, inThreadSlots, type SlotLauncher } from '../../cluster/index.ts';
import { type KafkaModule, kafkaConnector } from '../../connectors/kafka/index.ts';
import { type ModelCluster, modelLinks } from '../../connectors/kafka/testing/index.ts';
import type { ConnectorDefinition } from '../../spi/index.ts';
import { memoryScratchPlace } from '../../state/index.ts';
import type { TestBuiltIns } from '../sqltest/index.ts';
import { ProcessBells } from './process-bells.ts';
import { ProcessClock } from './process-clock.ts';
import { ProcessLife } from './process-life.ts';
import { Violation, type World } from './world.ts';

export const CONNECTOR = 'simulated-kafka';
/** What the log says when reactive mode has done something. */
const RESCALED = 'jobs are rescaled to the slots there are';
const RESUMED = 'a history is read on';

/** What every process is made of. */
export interface ProcessIngredients {
  readonly builtIns: (extra: readonly ConnectorDefinition[]) => TestBuiltIns;
  /** Loaded before, so that no process waits for real time. */
  readonly kafkaModule: KafkaModule;
}

/** One process on what the world offers: its life, and what the composition root gives the program. */
export interface SimulatedProcess {
  readonly host: string;
  readonly life: ProcessLife;
  readonly clock: ProcessClock;
  readonly random: Random;
  readonly logger: Logger;
  readonly network: Network;
  readonly identity: Identity;
  readonly builtIns: TestBuiltIns;
  readonly launcher: SlotLauncher;
  readonly bells: ProcessBells;
  /** The event loop's next turn, as far as the process gets one. */
  readonly nextTurn: () => Promise<void>;
}

export interface ProcessPlace {
  readonly host: string;
  /** The Kafka it reaches; by default that of the world. */
  readonly kafka?: ModelCluster;
  /** Sees every scheduling step, after it was counted. */
  readonly stepped: (life: ProcessLife) => void;
}

export function startProcess(world: World, ingredients: ProcessIngredients, { host, kafka = world.kafka, stepped }: ProcessPlace): SimulatedProcess {
  const life = new ProcessLife();
  const clock = new ProcessClock(world.clock, life);
  const random = world.newRandom();
  const logger: Logger = { log: (level, message, facts) => logged(world, { host, life }, { level, message, facts: facts ?? {} }) };
  const builtIns = ingredients.builtIns([connectorOf(world, { life, kafka }, ingredients.kafkaModule)]);
  const bells = new ProcessBells(life);
  world.enter(life, bells);
  const nextTurn = (): Promise<void> => life.outside(async () => undefined);
  const launcher = inThreadSlots({
    registries: builtIns.slots,
    clock,
    logger,
    scratch: memoryScratchPlace,
    random,
    pause: nextTurn,
    onRing: (doorbell, wake) => bells.listen(doorbell, wake),
    trace: (step) => {
      if (life.killed) return;
      world.step(host, step);
      stepped(life);
    },
  });
  const secretBytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => random.nextInt(256));
  const identity = { secret: new Uint8Array(0), cluster: 'simulated', build: 'simulated', secretBytes };
  return { host, life, clock, random, logger, network: world.network.of({ host, life }), identity, builtIns, launcher, bells, nextTurn };
}

/** The shipped connector, over links to the model of Kafka. */
function connectorOf(
  world: World,
  { life, kafka }: { readonly life: ProcessLife; readonly kafka: ModelCluster },
  kafkaModule: KafkaModule,
): ConnectorDefinition {
  const open = modelLinks(kafka, world.newRandom(), () => world.linkFaults);
  const openLink: typeof open = (...target) => {
    const link = open(...target);
    return {
      get address() {
        return link.address;
      },
      get closed() {
        return link.closed;
      },
      send: (request, waitMs) => life.outside(() => link.send(request, waitMs)),
      close: () => link.close(),
    };
  };
  return { ...kafkaConnector({ load: () => Promise.resolve(kafkaModule), openLink }), name: CONNECTOR };
}

interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Whatever is caught and logged as a bug is one. */
function logged(world: World, { host, life }: { readonly host: string; readonly life: ProcessLife }, { level, message, facts }: LogLine): void {
  if (life.killed) return;
  const error = facts.error ?? facts.problem;
  if (message === RESCALED) {
    world.rescalings++;
    world.event(`${host}: ${message}: ${String(facts.jobs)}`);
  }
  if (message === RESUMED) {
    world.resumptions++;
    world.event(`${host}: ${message}: ${String(facts.job)}`);
  }
  if (level === 'error' || level === 'warn')
    world.event(`${host} ${level}: ${message}${error === undefined ? '' : `: ${error instanceof Error ? error.message : String(error)}`}`);
  const cause = facts.cause ?? error;
  if (cause instanceof SqlError ? cause.class === 'internal' : cause instanceof Error)
    world.violated(new Violation(`${host}: ${message}: ${(cause as Error).stack}`));
}
