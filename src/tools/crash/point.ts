import { seededRandom } from '../../base/index.ts';
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

/**
 * So many points, in an order by the seed in which none comes a second time before all have come once. What runs in one process stands before
 * what needs a cluster, `together` at a time, so that processes can stay.
 */
export function choosePoints(count: number, seed: number, together: number, from: readonly VictimName[] = victims): Point[] {
  const random = seededRandom(seed);
  const chosen: Point[] = [];
  let left: Omit<Point, 'seed'>[] = [];
  while (chosen.length < count) {
    if (left.length === 0) left = allPoints().filter(({ victim }) => from.includes(victim));
    const [point] = left.splice(random.nextInt(left.length), 1);
    chosen.push({ ...point!, seed: random.nextInt(2 ** 30) });
  }
  const blocks = Array.from({ length: Math.ceil(count / together) }, (_, block) => chosen.slice(block * together, (block + 1) * together));
  return blocks.flatMap((block) => [...block.filter(runsInOneServer), ...block.filter((point) => !runsInOneServer(point))]);
}

/** The broker is hit under both. */
export function runsInOneServer({ victim, seed }: Point): boolean {
  return victim === 'server' || (victim === 'broker' && seed % 2 === 0);
}

/** `program/victim/moment/seed`, which `parsePoint` takes back. */
export function pointName({ program, victim, moment, seed }: Point): string {
  return [program.name, victim, moment.name, seed].join('/');
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
