import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KafkaFixture, KafkaGate } from '../processes/index.ts';
import { BrokerVictim } from './broker-victim.ts';
import { Client } from './client.ts';
import { OneServer } from './one-server.ts';
import { type Point, pointName, type Setting, settingOf } from './point.ts';
import { runPoint, type Stage } from './run-point.ts';
import { StandbyTopology } from './standby-topology.ts';
import type { Topology } from './topology.ts';

export interface PointFailure {
  readonly name: string;
  readonly reason: string;
  /** File with what the server says of its jobs and sinks, and the logs of all processes. */
  readonly logs: string;
}

/** Points one set of processes goes through; then come fresh ones with an empty data directory. */
export const POINTS_TOGETHER = 40;

/** Goes through all points with one broker. A point that fails does not stop the others; they get fresh processes. */
export async function crashMatrix(points: readonly Point[], log: (line: string) => void): Promise<PointFailure[]> {
  const kafka = await KafkaFixture.start();
  const gate = await KafkaGate.start(kafka.servers);
  const matrix = new CrashMatrix({ kafka, gate });
  try {
    for (const [index, point] of points.entries()) {
      const startMs = performance.now();
      const failure = await matrix.go(point);
      const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
      log(`point ${index + 1} of ${points.length}: ${pointName(point)}: ${failure === null ? 'passed' : `FAILED: ${failure.reason}`} (${seconds} s)`);
    }
    return matrix.failures;
  } finally {
    await matrix.dispose();
    await gate.stop();
    await kafka.stop();
  }
}

class CrashMatrix {
  readonly failures: PointFailure[] = [];
  readonly #stage: Stage;
  readonly #broker: BrokerVictim;
  #topology: Topology | null = null;
  #setting: Setting = 'one server';
  #gone = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#broker = new BrokerVictim(stage.kafka.broker);
  }

  async go(point: Point): Promise<PointFailure | null> {
    const setting = settingOf(point);
    if (this.#topology !== null && (setting !== this.#setting || this.#gone >= POINTS_TOGETHER)) await this.dispose();
    try {
      this.#topology ??= await started(setting, this.#broker);
      this.#setting = setting;
      this.#gone++;
      await runPoint(this.#stage, this.#topology, point);
      return null;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const logs = join(tmpdir(), `fsql-crash-${point.seed}.log`);
      await writeFile(logs, this.#topology === null ? reason : `${await states(this.#topology)}\n${this.#topology.logs()}`);
      const failure = { name: pointName(point), reason, logs };
      this.failures.push(failure);
      await this.dispose();
      await this.#broker.restart();
      return failure;
    }
  }

  async dispose(): Promise<void> {
    await this.#topology?.dispose();
    this.#topology = null;
    this.#gone = 0;
  }
}

function started(setting: Setting, broker: BrokerVictim): Promise<Topology> {
  if (setting === 'one server') return OneServer.start(broker);
  return StandbyTopology.start(broker, { reactive: setting === 'reactive cluster' });
}

/** What there is to know of a program that does not come to its answer. */
async function states(topology: Topology): Promise<string> {
  const client = new Client(topology);
  const said = [];
  for (const relation of ['jobs', 'sink_progress', 'source_partitions', 'slots']) {
    const rows = await client.rows(`SELECT * FROM fsql_catalog.${relation}`).catch((error: unknown) => [[String(error)]]);
    said.push(relation, ...rows.map((row) => row.join(' | ')));
  }
  client.close();
  return said.join('\n');
}
