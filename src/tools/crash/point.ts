import { type Random, seededRandom } from '../../base/index.ts';
import { type Moment, moments } from './moment.ts';
import type { Program } from './program.ts';
import { programs } from './programs.ts';
import { type VictimName, victims } from './topology.ts';

/** One crash: of whom, running what, when, and the seed of everything else. */
export interface Point {
  readonly program: Program;
  readonly victim: VictimName;
  readonly moment: Moment;
  readonly seed: number;
}

/** Every program with every victim at every moment that makes sense for both. */
function allPoints(): Omit<Point, 'seed'>[] {
  return programs.flatMap((program) =>
    victims.flatMap((victim) => moments.filter((moment) => moment.fits(program, victim)).map((moment) => ({ program, victim, moment }))),
  );
}

/** Which points are chosen, out of all of them. */
export interface Choice {
  readonly count: number;
  readonly seed: number;
  /** How many a set of processes goes through: what runs in one process stands before what needs a cluster, so many at a time. */
  readonly together: number;
  readonly victims?: readonly VictimName[];
  /** Names of points that were passed, with their seeds: what is not among them comes first. */
  readonly passed?: readonly string[];
}

/**
 * Points in an order by the seed, in which every program meets every victim before one of them meets another a second time, and none comes a second time
 * before all have come once.
 */
export function choosePoints({ count, seed, together, victims: from = victims, passed = [] }: Choice): Point[] {
  const random = seededRandom(seed);
  const all = allPoints().filter(({ victim }) => from.includes(victim));
  const done = new Set(passed.map((name) => name.slice(0, name.lastIndexOf('/'))));
  const chosen: Point[] = [];
  let left = dealt(
    all.filter((point) => !done.has(placeOf(point))),
    random,
  );
  while (chosen.length < count) {
    if (left.length === 0) left = dealt(all, random);
    chosen.push({ ...left.shift()!, seed: random.nextInt(2 ** 30) });
  }
  const blocks = Array.from({ length: Math.ceil(count / together) }, (_, block) => chosen.slice(block * together, (block + 1) * together));
  return blocks.flatMap((block) => settings.flatMap((setting) => block.filter((point) => settingOf(point) === setting)));
}

/** In rounds, in each of which every pair of a program and a victim that has points left comes once. */
function dealt(points: readonly Omit<Point, 'seed'>[], random: Random): Omit<Point, 'seed'>[] {
  const rounds: Omit<Point, 'seed'>[][] = [];
  const turns = new Map<string, number>();
  for (const point of shuffled(points, random)) {
    const pair = `${point.program.name}/${point.victim}`;
    const round = turns.get(pair) ?? 0;
    turns.set(pair, round + 1);
    rounds[round] = [...(rounds[round] ?? []), point];
  }
  return rounds.flat();
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const left = [...items];
  return items.map(() => left.splice(random.nextInt(left.length), 1)[0]!);
}

/** Which processes a point needs. */
const settings = ['one server', 'cluster', 'reactive cluster'] as const;
export type Setting = (typeof settings)[number];

/** Of the points on a cluster one in so many is in reactive mode. */
const REACTIVE_SHARE = 3;

/** The broker is hit under all. */
export function settingOf({ victim, seed }: Point): Setting {
  if (victim === 'server' || (victim === 'broker' && seed % 2 === 0)) return 'one server';
  return seed % REACTIVE_SHARE === 0 ? 'reactive cluster' : 'cluster';
}

/** `program/victim/moment/seed`, which `parsePoint` takes back. */
export function pointName(point: Point): string {
  return `${placeOf(point)}/${point.seed}`;
}

function placeOf({ program, victim, moment }: Omit<Point, 'seed'>): string {
  return [program.name, victim, moment.name].join('/');
}

export function parsePoint(name: string): Point {
  const [program, victim, moment, seed] = name.split('/');
  const point = allPoints().find((one) => one.program.name === program && one.victim === victim && one.moment.name === moment);
  if (point === undefined || !Number.isInteger(Number(seed))) throw new Error(`there is no point "${name}"; a name is program/victim/moment/seed`);
  return { ...point, seed: Number(seed) };
}

export function pointsInAll(): number {
  return allPoints().length;
}
