import { describe, expect, test } from 'vitest';
import { reasonToSkipKafkaTests } from '../kafka/index.ts';
import { testSeed } from '../processes/index.ts';
import { soak } from './soak.ts';
import { soakReport } from './soak-report.ts';

const skip = await reasonToSkipKafkaTests();
const minutes = Number(process.env.FSQL_SOAK_MINUTES ?? 0);
const killEveryMinutes = Number(process.env.FSQL_SOAK_KILL_MINUTES ?? 10);
const samplesFile = process.env.FSQL_SOAK_SAMPLES;
const HOURS_MAX_MS = 100 * 3_600_000;

/** Long enough for two lives, and for everybody to come by. What is flat needs longer. */
const short = { seconds: 8, killEverySeconds: 4, churnEverySeconds: 1, sampleEverySeconds: 1, bidsPerSecond: 100 };
const long = { seconds: minutes * 60, killEverySeconds: killEveryMinutes * 60, churnEverySeconds: 60, sampleEverySeconds: 5, bidsPerSecond: 150 };

describe.skipIf(skip !== undefined)('a server under mixed load that is killed now and then', () => {
  test('gives right answers all the time and grows in nothing', { timeout: HOURS_MAX_MS }, async () => {
    const outcome = await soak({
      ...(minutes > 0 ? long : short),
      seed: testSeed('soak'),
      log: (line) => process.stderr.write(`soak: ${line}\n`),
      ...(samplesFile === undefined ? {} : { samplesFile }),
    });
    const { text, good } = soakReport(outcome);
    process.stderr.write(`${text}\n`);
    expect(outcome.failures).toEqual([]);
    expect(outcome.kills).toBeGreaterThan(0);
    expect(outcome.samples.length).toBeGreaterThan(0);
    if (minutes > 0) expect(good).toBe(true);
  });
});
