import { describe, expect, it } from 'vitest';
import { TestClock } from '../../cluster/testing/index.ts';
import { type LockHolder, Locks } from './locks.ts';

const TABLE = 1;
const OTHER = 2;

function fixture() {
  const locks = new Locks(new TestClock());
  const granted: string[] = [];
  const owners = new Map<string, LockHolder>();
  const ownerOf = (name: string): LockHolder => {
    const owner = owners.get(name) ?? { party: { processId: owners.size } };
    owners.set(name, owner);
    return owner;
  };
  const ask = (name: string, shared: boolean, table = TABLE, signal = new AbortController().signal): Promise<void> =>
    locks.acquire({ kind: 'relation', oid: table }, ownerOf(name), { timeoutMs: 0, signal, shared }).then(() => {
      granted.push(name);
    });
  const release = async (name: string): Promise<void> => {
    locks.releaseAll(ownerOf(name));
    await settled();
  };
  return { granted, ask, release };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Locks', () => {
  it('is had by several who share it, and by one who does not', async () => {
    const { granted, ask, release } = fixture();
    await ask('writer', true);
    await ask('second', true);
    const alone = ask('alone', false);
    const later = ask('later', true);
    await settled();
    expect(granted).toEqual(['writer', 'second']);
    await release('writer');
    expect(granted).toEqual(['writer', 'second']);
    await release('second');
    expect(granted).toEqual(['writer', 'second', 'alone']);
    await release('alone');
    await Promise.all([alone, later]);
    expect(granted.at(-1)).toBe('later');
  });

  it('lets those behind a waiter in who has given up', async () => {
    const { granted, ask } = fixture();
    await ask('writer', true);
    const stop = new AbortController();
    const alone = ask('alone', false, TABLE, stop.signal);
    const later = ask('later', true);
    stop.abort(new Error('cancelled'));
    await expect(alone).rejects.toThrow('cancelled');
    await later;
    expect(granted).toEqual(['writer', 'later']);
  });

  it('becomes the only one, and finds the ring when two want that', async () => {
    const { ask, release } = fixture();
    await ask('first', true);
    await ask('first', false);
    await release('first');
    await ask('first', true);
    await ask('second', true);
    const waiting = ask('first', false);
    await expect(ask('second', false)).rejects.toMatchObject({ code: '40P01' });
    await release('second');
    await waiting;
  });

  it('finds a ring over two tables', async () => {
    const { ask, release } = fixture();
    await ask('first', false);
    await ask('second', true, OTHER);
    await ask('third', true, OTHER);
    const waiting = ask('second', true);
    await expect(ask('first', false, OTHER)).rejects.toMatchObject({ code: '40P01' });
    await release('first');
    await waiting;
  });
});
