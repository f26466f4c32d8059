import type { BidFeed } from './bid-feed.ts';
import { ChangeFollower } from './change-follower.ts';
import type { Feature } from './feature.ts';
import type { SimulatedServer } from './simulated-server.ts';
import { SinkReplacer } from './sink-replacer.ts';
import { StockFeed } from './stock-feed.ts';
import { TableSinks } from './table-sinks.ts';
import type { World } from './world.ts';

/** Worlds that have a feature: one in so many. With all of them a run takes nearly twice the time. */
const SHARE = 6;
const PARTITIONS_MAX = 2;

/** What the world has beside its program. */
export function randomFeatures(world: World, { server, feed }: { readonly server: SimulatedServer; readonly feed: BidFeed }): Feature[] {
  const random = world.newRandom();
  const makers: readonly (() => Feature)[] = [
    () => new TableSinks(feed),
    () => new SinkReplacer(world, server, feed),
    () => new StockFeed(world, 1 + random.nextInt(PARTITIONS_MAX)),
    () => new ChangeFollower(world, server),
  ];
  return makers.flatMap((make) => (random.nextInt(SHARE) === 0 ? [make()] : []));
}
