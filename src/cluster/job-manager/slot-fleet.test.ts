import { describe, expect, it } from 'vitest';
import { SqlError, SqlState } from '../../base/index.ts';
import type { SlotEvents, TaskManagerHandle } from '../transport/index.ts';
import { type SlotDemand, SlotFleet } from './slot-fleet.ts';

const gone = new SqlError({ code: SqlState.connectionFailure, message: 'gone', class: 'external' });

/** A TaskManager that only notes what is asked of it. */
class FakeTaskManager implements TaskManagerHandle {
  readonly address = null;
  readonly lastHeartbeatMicros = null;
  readonly id: string;
  readonly slots: number;
  readonly launched: { readonly slot: number; readonly events: SlotEvents }[] = [];
  readonly sent: string[] = [];

  constructor(id: string, slots: number) {
    this.id = id;
    this.slots = slots;
  }

  launch: TaskManagerHandle['launch'] = ({ slot }, events) => {
    this.launched.push({ slot, events });
    return { send: ({ kind }) => this.sent.push(`${slot} ${kind}`), close: async () => undefined };
  };
}

function fleetOf(slots: number) {
  const lost: number[] = [];
  const received: string[] = [];
  const settings = { interpreted: false, batchRows: null, thoroughChecks: true, stateBytesMax: 1, spillBytesMax: null, pinnedBytesMax: 1 };
  const fleet = new SlotFleet({
    slots,
    grows: true,
    slotOf: ({ subtask }) => subtask,
    incarnation: 1,
    channelBytes: 64,
    settings,
    message: (slot, { kind }) => received.push(`${slot} ${kind}`),
    lost: (slot) => lost.push(slot),
    changed: () => undefined,
  });
  return { fleet, lost, received };
}

const demand = (jobId: string, width: number, group = 'default'): SlotDemand => ({ jobId, name: jobId, group, width });
const slotsOf = (host: FakeTaskManager): number[] => host.launched.map(({ slot }) => slot);

describe('slots of TaskManagers', () => {
  it('are filled in the order they come; a shortage says how many are missing', () => {
    const { fleet } = fleetOf(4);
    const [a, b] = [new FakeTaskManager('a', 3), new FakeTaskManager('b', 3)];
    fleet.join(a);
    expect(fleet.shortage(demand('v', 3))).toBeNull();
    expect(fleet.shortage(demand('v', 4))).toMatchObject({ code: '53000', message: 'job "v" needs 4 slots, 3 are there' });
    fleet.join(b);
    expect(fleet.shortage(demand('v', 4))).toBeNull();
    expect([slotsOf(a), slotsOf(b)]).toEqual([[0, 1, 2], [3]]);
    expect(fleet.hostsOfSlots()).toEqual(['a', 'a', 'a', 'b']);
    expect(fleet.places().filter(({ slot }) => slot === null).length).toBe(2);
  });

  it('go to free places when their TaskManager is lost, and stay empty where there are none', () => {
    const { fleet, lost } = fleetOf(4);
    const [a, b, c] = [new FakeTaskManager('a', 2), new FakeTaskManager('b', 3), new FakeTaskManager('c', 1)];
    fleet.join(a);
    fleet.join(b);
    fleet.leave(a, gone);
    expect(lost).toEqual([0, 1]);
    expect(fleet.hostsOfSlots()).toEqual(['b', '', 'b', 'b']);
    fleet.send(1, { kind: 'report' });
    fleet.broadcast({ kind: 'report' });
    expect(b.sent.sort()).toEqual(['0 report', '2 report', '3 report']);
    fleet.join(c);
    expect(fleet.hostsOfSlots()).toEqual(['b', 'c', 'b', 'b']);
    fleet.leave(a, gone);
    expect(lost).toEqual([0, 1]);
  });

  it('say nothing any more once they are lost', () => {
    const { fleet, lost, received } = fleetOf(1);
    const [a, b] = [new FakeTaskManager('a', 1), new FakeTaskManager('b', 1)];
    fleet.join(a);
    fleet.join(b);
    a.launched[0]!.events.message({ kind: 'stale', message: '' });
    fleet.leave(a, gone);
    a.launched[0]!.events.message({ kind: 'stale', message: '' });
    a.launched[0]!.events.lost(gone);
    b.launched[0]!.events.message({ kind: 'running', jobId: 'j', attempt: 1, tasks: [] });
    expect(received).toEqual(['0 stale', '0 running']);
    expect(lost).toEqual([0]);
  });

  it('whose thread dies are started anew at their place', () => {
    const { fleet, lost } = fleetOf(1);
    const [a, b] = [new FakeTaskManager('a', 1), new FakeTaskManager('b', 1)];
    fleet.join(a);
    fleet.join(b);
    a.launched[0]!.events.lost(gone);
    a.launched[0]!.events.lost(gone);
    expect(slotsOf(a)).toEqual([0, 0]);
    expect(slotsOf(b)).toEqual([]);
    expect(lost).toEqual([0]);
  });
});

describe('slot sharing groups', () => {
  it('have slots of their own: those that no job has claimed are given up for them', () => {
    const { fleet, lost } = fleetOf(4);
    const a = new FakeTaskManager('a', 4);
    fleet.join(a);
    fleet.claim(demand('narrow', 2));
    fleet.claim(demand('v', 2, 'other'));
    expect(lost).toEqual([2, 3]);
    expect(fleet.places().map(({ slot, group }) => `${slot} ${group}`)).toEqual(['0 default', '1 default', '4 other', '5 other']);
    expect(fleet.slotsOf(demand('v', 2, 'other'), 3)).toEqual([4, 5, 4]);
    fleet.release('v');
    expect(lost).toEqual([2, 3, 4, 5]);
    expect(fleet.places().map(({ slot, group }) => `${slot} ${group}`)).toEqual(['0 default', '1 default', '2 default', '3 default']);
  });

  it('get all slots of a claim or none, in the order of the claims, and a shortage says who has the others', () => {
    const { fleet } = fleetOf(4);
    const [a, b] = [new FakeTaskManager('a', 4), new FakeTaskManager('b', 2)];
    fleet.join(a);
    fleet.claim(demand('wide', 3));
    fleet.claim(demand('v', 2, 'other'));
    fleet.claim(demand('w', 1, 'third'));
    expect(fleet.shortage(demand('v', 2, 'other'))).toMatchObject({
      code: '53000',
      message: 'job "v" needs 2 slots of slot sharing group "other", 0 are there',
      detail: 'Of 4 slots, group "default" has 3, group "third" has 1.',
    });
    expect(fleet.shortage(demand('w', 1, 'third'))).toBeNull();
    expect(fleet.shortage(demand('wide', 3))).toBeNull();
    fleet.join(b);
    expect(fleet.shortage(demand('v', 2, 'other'))).toBeNull();
    expect(new Set(fleet.places().map(({ slot }) => slot)).size).toBe(6);
  });

  it('share slots of one group among its jobs, and keep as many as the widest of them needs', () => {
    const { fleet, lost } = fleetOf(4);
    fleet.join(new FakeTaskManager('a', 4));
    fleet.claim(demand('v', 3, 'other'));
    fleet.claim(demand('w', 2, 'other'));
    fleet.release('v');
    expect(fleet.places().filter(({ group }) => group === 'other').length).toBe(2);
    expect(lost).toContain(6);
    fleet.claim(demand('w', 1, 'third'));
    expect(fleet.places().filter(({ group }) => group === 'third').length).toBe(1);
    expect(fleet.places().filter(({ group }) => group === 'other').length).toBe(0);
  });

  it('lost with their TaskManager are met again by what has been started in advance', () => {
    const { fleet } = fleetOf(4);
    const [a, b] = [new FakeTaskManager('a', 2), new FakeTaskManager('b', 3)];
    fleet.join(a);
    fleet.join(b);
    fleet.claim(demand('narrow', 1));
    fleet.claim(demand('v', 2, 'other'));
    fleet.leave(b, gone);
    expect(fleet.shortage(demand('v', 2, 'other'))).toMatchObject({ message: 'job "v" needs 2 slots of slot sharing group "other", 1 is there' });
    expect(fleet.shortage(demand('narrow', 1))).toBeNull();
    fleet.join(new FakeTaskManager('c', 1));
    expect(fleet.shortage(demand('v', 2, 'other'))).toBeNull();
  });
});
