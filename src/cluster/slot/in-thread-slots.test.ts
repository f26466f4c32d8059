import { expect, it } from 'vitest';
import { silentLogger } from '../../base/index.ts';
import { Doorbell } from '../../runtime/index.ts';
import { memoryScratchPlace } from '../../state/index.ts';
import { TestClock } from '../testing/test-clock.ts';
import { testRegistries } from '../testing/test-cluster.ts';
import type { FromSlot } from '../transport/index.ts';
import { inThreadSlots } from './in-thread-slots.ts';

const settings = { interpreted: false, batchRows: null, thoroughChecks: true, stateBytesMax: 1e6, spillBytesMax: null, pinnedBytesMax: 1e6 };

it('a slot that is closed twice does not take another one with it', async () => {
  const launcher = inThreadSlots({
    registries: testRegistries(new Map(), { key: null, checkpoint: null, times: 0, error: null }),
    clock: new TestClock(),
    logger: silentLogger,
    scratch: memoryScratchPlace,
    random: null,
    pause: () => Promise.resolve(),
  });
  const said: FromSlot[][] = [[], []];
  const [first, second] = said.map((messages, slot) =>
    launcher.launch(
      { slot, incarnation: 1, channelBytes: 1024, settings, doorbell: Doorbell.memory() },
      { message: (message) => messages.push(message), lost: () => undefined },
    ),
  );
  await first!.close();
  await first!.close();
  second!.send({ kind: 'subscribe', subscription: 7, relation: 'r', from: { after: 0 } });
  await launcher.settled!();
  expect(said[1]).toEqual([{ kind: 'subscribed', subscription: 7, subtasks: 0 }]);
});
