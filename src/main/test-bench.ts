import { SqlError, SqlState } from '../base/index.ts';
import type { Cluster } from '../cluster/index.ts';
import { BoundTopics, settleSources, TestTopics, testConnector, VirtualClock } from '../tools/sqltest/index.ts';

/** Parts in which a clock is moved on: what is due in one of them gets to run before the next one. */
const STEPS_MAX = 1000;
const STEP_MICROS_MIN = 10_000n;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What a database in memory is opened with that time stands still in, and that has topics in memory in the place of other systems. */
export class TestBench {
  readonly clock: VirtualClock;
  readonly topics = new TestTopics();
  readonly bound: BoundTopics;

  /** `real`: connectors and topics that are left alone. Errors: 22023 for what is no time. */
  constructor(start: Date, real: readonly string[]) {
    const milliseconds = start.getTime();
    if (Number.isNaN(milliseconds)) throw new SqlError({ code: SqlState.invalidParameterValue, message: 'clock is not a time' });
    this.clock = new VirtualClock(BigInt(milliseconds) * 1000n);
    this.bound = new BoundTopics(this.topics, real);
  }

  get connector() {
    return testConnector(this.topics);
  }

  async advanceTo(micros: bigint): Promise<void> {
    const { clock } = this;
    const wanted = (micros - clock.nowMicros()) / BigInt(STEPS_MAX) + 1n;
    const step = wanted < STEP_MICROS_MIN ? STEP_MICROS_MIN : wanted;
    while (clock.nowMicros() < micros) {
      const next = clock.nowMicros() + step;
      clock.advanceTo(next < micros ? next : micros);
      await turn();
    }
  }

  async settle(cluster: Cluster): Promise<void> {
    await settleSources(cluster, { outside: this.bound.outside, turn });
  }
}
