import { type Measure, measures, median, type Sample, type Verdict, verdicts } from './flatness.ts';
import type { SoakOutcome } from './soak.ts';

const counts: readonly Measure[] = ['descriptors', 'threads', 'files'];
const MIB = 2 ** 20;

/** The outcome as a table, and whether it is a good one: nothing wrong, nothing that grows. */
export function soakReport(outcome: SoakOutcome): { readonly text: string; readonly good: boolean } {
  const { samples, kills, checkpoints, rounds, bids, failures } = outcome;
  const found = verdicts(samples);
  const growing = found.filter(({ flat }) => !flat);
  const done = [...rounds].map(([name, count]) => `${name} ${count}`).join(', ');
  const lines = [
    `${kills} kills, ${checkpoints} checkpoints, ${bids} bids; rounds: ${done}`,
    ...table(found),
    ...growing.map((verdict) => `NOT FLAT: ${verdict.measure} in life ${verdict.life}, ${amounts(verdict)}`),
    ...failures.map((failure) => `WRONG: ${failure}`),
    found.length === 0
      ? `too short to say whether it is flat; last: ${last(samples)}`
      : `${found.length - growing.length} of ${found.length} measures flat`,
  ];
  return { text: lines.join('\n'), good: failures.length === 0 && growing.length === 0 };
}

/** A line a measure, a column a life: the median of its middle third → that of its last one. Sizes in MiB. */
function table(found: readonly Verdict[]): string[] {
  const lives = [...new Set(found.map(({ life }) => life))];
  const rows = measures.map((measure) => [measure, ...found.filter((verdict) => verdict.measure === measure).map(amounts)]);
  const all = [['measure', ...lives.map((life) => (life === 'all' ? 'all lives' : `life ${life}`))], ...rows];
  return lives.length === 0
    ? []
    : all.map((row) =>
        row
          .map((cell) => cell.padEnd(16))
          .join('')
          .trimEnd(),
      );
}

function amounts({ measure, before, after, flat }: Verdict): string {
  return `${amount(measure, before)} → ${amount(measure, after)}${flat ? '' : ' !'}`;
}

function amount(measure: Measure, value: number): string {
  return counts.includes(measure) ? String(value) : (value / MIB).toFixed(1);
}

function last(samples: readonly Sample[]): string {
  return `${amount('memory', median(samples.map(({ values }) => values.memory)))} MiB of memory`;
}
