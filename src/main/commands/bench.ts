import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventFile, type JobMeasurement, measureJob } from '../../tools/bench/index.ts';
import { NEXMARK_NAMES } from '../../tools/nexmark/index.ts';
import { openNexmarkTopic } from '../nexmark-topic.ts';
import { UsageError } from '../print-error.ts';

export interface BenchOptions {
  readonly events: number;
  readonly queries?: string;
  readonly source: 'file' | 'kafka';
  readonly bootstrapServers?: string;
  readonly repeat: number;
  readonly slots?: number;
  readonly json?: boolean;
}

const MILLION = 1e6;

/** `fsql bench nexmark`: each query in a process of its own, by `fsql run`; a line for each as it is measured. */
export async function runBench(suite: string, options: BenchOptions): Promise<void> {
  if (suite !== 'nexmark') throw new UsageError(`there is no suite "${suite}"; there is nexmark`);
  const queries = wantedQueries(options.queries);
  const directory = await mkdtemp(join(tmpdir(), 'fsql-bench-'));
  try {
    const file = await eventFile(join(directory, 'events.json'), options.events);
    const slots = options.slots ?? availableParallelism();
    const measureAll = async (source: Readonly<Record<string, string>>): Promise<void> => {
      for (const query of queries) {
        const job = { query, source, sampleFile: file, events: options.events, slots, repeat: options.repeat };
        printLine(query, await measureJob({ ...job, launcher: process.argv[1]!, directory }), options.json === true);
      }
    };
    if (options.source === 'file') await measureAll({ connector: 'filesystem', path: file });
    else await fromKafka({ bootstrapServers: requiredServers(options), partitions: slots, file }, measureAll);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function fromKafka(
  { file, ...where }: { readonly bootstrapServers: string; readonly partitions: number; readonly file: string },
  measureAll: (source: Readonly<Record<string, string>>) => Promise<void>,
): Promise<void> {
  const topic = await openNexmarkTopic({ ...where, lines: createInterface({ input: createReadStream(file) }) });
  try {
    await measureAll(topic.source);
  } finally {
    await topic.close();
  }
}

function wantedQueries(names: string | undefined): readonly string[] {
  const wanted = names?.split(',').map((name) => name.trim()) ?? NEXMARK_NAMES;
  const unknown = wanted.find((name) => !NEXMARK_NAMES.includes(name));
  if (unknown === undefined) return wanted;
  throw new UsageError(`there is no query "${unknown}"; there are ${NEXMARK_NAMES.join(', ')}`);
}

function requiredServers(options: BenchOptions): string {
  if (options.bootstrapServers !== undefined) return options.bootstrapServers;
  throw new UsageError('--source kafka needs --bootstrap-servers');
}

function printLine(query: string, measured: JobMeasurement, json: boolean): void {
  if (json) {
    const { rate, coreRate, ratio, cpuRatio, unit, memoryMb } = measured;
    const figures = { query, events_per_second: rate, events_per_cpu_second: coreRate, j: ratio, j_by_cpu: cpuRatio, j_events_per_second: unit };
    process.stdout.write(`${JSON.stringify({ ...figures, peak_memory_mb: memoryMb })}\n`);
    return;
  }
  const millions = (rate: number): string => `${(rate / MILLION).toFixed(2)} M`.padStart(7);
  const rates = `${millions(measured.rate)} events/s ${millions(measured.coreRate)} events/s a core`;
  process.stdout.write(`${query.padEnd(4)} ${rates}  ${measured.ratio.toFixed(2)} J  ${measured.memoryMb.toFixed(0)} MB\n`);
}
