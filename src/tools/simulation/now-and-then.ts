import type { Random } from '../../base/index.ts';
import type { World } from './world.ts';

export interface Habit {
  readonly random: Random;
  /** Mean virtual seconds between two acts. */
  readonly meanSeconds: number;
  /** Of the world's clock; nothing begins from then on. */
  readonly untilSeconds: number;
}

/** Acts at random times, one act after the other. */
export async function nowAndThen(world: World, { random, meanSeconds, untilSeconds }: Habit, act: () => Promise<void>): Promise<void> {
  for (;;) {
    const restMs = Math.ceil(1_000 * (untilSeconds - world.seconds));
    if (restMs <= 0) return;
    await world.sleep(Math.min(restMs, random.nextInt(2_000 * meanSeconds)));
    if (world.seconds >= untilSeconds) return;
    await act();
  }
}
