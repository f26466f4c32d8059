import { expect, test } from 'vitest';
import { type Measure, measures, type Sample, verdicts } from './flatness.ts';

const MIB = 2 ** 20;

/** A run of some lives, a sample every five seconds; `grows` gives one measure its value, the others stand still. */
function run(lives: number, measure: Measure, grows: (index: number, life: number) => number): Sample[] {
  return Array.from({ length: lives * 60 }, (_, at) => {
    const life = Math.floor(at / 60) + 1;
    const still = Object.fromEntries(measures.map((name) => [name, 40 * MIB])) as Record<Measure, number>;
    return { seconds: at * 5, life, values: { ...still, [measure]: grows(at % 60, life) } };
  });
}

const notFlat = (samples: readonly Sample[]): string[] =>
  verdicts(samples).flatMap(({ life, measure, flat }) => (flat ? [] : [`${measure} ${life}`]));

test('what warms up, goes up and down, or stands still is flat', () => {
  expect(notFlat(run(3, 'memory', (at) => Math.min(at, 15) * 20 * MIB))).toEqual([]);
  expect(notFlat(run(3, 'data', (at) => (100 + (at % 7) * 20) * MIB))).toEqual([]);
  expect(notFlat(run(3, 'descriptors', (at) => 4 + (at % 5)))).toEqual([]);
});

test('what grows all the time is not', () => {
  expect(notFlat(run(1, 'memory', (at) => (100 + 4 * at) * MIB))).toEqual(['memory 1']);
  expect(notFlat(run(1, 'descriptors', (at) => 50 + 2 * at))).toEqual(['descriptors 1']);
});

test('what only grows from life to life is not', () => {
  expect(notFlat(run(4, 'data', (_at, life) => life * 30 * MIB))).toEqual(['data all']);
});

test('a life with too few samples says nothing', () => {
  expect(verdicts(run(1, 'memory', (at) => at * MIB).slice(0, 12))).toEqual([]);
});

test('logs go a file at a time: only what is more than their files is too much', () => {
  expect(notFlat(run(3, 'logs', (at) => (at % 20) * 2 * MIB))).toEqual([]);
  expect(notFlat(run(3, 'logs', (at, life) => (60 * life + at) * 0.5 * MIB))).toEqual(['logs 2', 'logs 3', 'logs all']);
});
