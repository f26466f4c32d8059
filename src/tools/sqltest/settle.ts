import type { Epoch } from '../../batch/index.ts';
import type { Cluster } from '../../cluster/index.ts';

/** Epochs after which a reader that makes no progress is given up. */
const SETTLE_ROUNDS_MAX = 200;
/** What is outside may bring nothing for so many epochs, each so many turns of the event loop long. */
const IDLE_ROUNDS_MAX = 100;
const TURNS_A_ROUND = 200;

export interface SettleOptions {
  /** A relation is read that is neither in memory nor made up: it takes time. */
  readonly outside: boolean;
  /** Of the event loop. */
  readonly turn: () => Promise<void>;
}

/** Ends epochs until every source that somebody reads has read what there is: the others stay where they are. The newest epoch then. */
export async function settleSources(cluster: Cluster, { outside, turn }: SettleOptions): Promise<Epoch> {
  let before = '';
  let idle = 0;
  for (let round = 0; round < SETTLE_ROUNDS_MAX; ) {
    const epoch = await cluster.flush();
    const partitions = cluster.sourcePartitions();
    const behind = partitions.some((one) => one.endOffset !== null && one.offset < one.endOffset && one.problem === null);
    const offsets = partitions.map((one) => `${one.relation} ${one.partition} ${one.offset}`).join('\n');
    if (!behind) return epoch;
    if (offsets === before) {
      if (!outside || ++idle > IDLE_ROUNDS_MAX) return epoch;
      for (let count = 0; count < TURNS_A_ROUND; count++) await turn();
      continue;
    }
    before = offsets;
    idle = 0;
    round++;
  }
  throw new Error(`sources made no progress in ${SETTLE_ROUNDS_MAX} epochs`);
}
