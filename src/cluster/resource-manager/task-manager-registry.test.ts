import { expect, it } from 'vitest';
import { SqlError, SqlState, seededRandom, silentLogger } from '../../base/index.ts';
import type { TaskManagerPool } from '../job-manager/index.ts';
import { callPeer, type Identity, MessageLink } from '../rpc/index.ts';
import { MemoryNetwork, TestClock } from '../testing/index.ts';
import { TaskManagerRegistry } from './task-manager-registry.ts';

const INCARNATION = 4;
const AWAY = new SqlError({ code: SqlState.connectionFailure, message: 'away', class: 'external' });
const listen = { host: '127.0.0.1', port: 1 };

async function turns(count = 1_000): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

/** A registry whose pool writes down who joins and who leaves, and a TaskManager that has been welcomed by it. */
async function welcomed(): Promise<{ pool: string[]; heard: unknown[]; link: MessageLink; registry: TaskManagerRegistry }> {
  const random = seededRandom(11);
  const network = new MemoryNetwork(seededRandom(12));
  const clock = new TestClock();
  const secretBytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => random.nextInt(256));
  const identity: Identity = { secret: new TextEncoder().encode('a secret of more than sixteen bytes'), cluster: 'fsql', build: '1+a', secretBytes };
  const registry = new TaskManagerRegistry({ network, clock, logger: silentLogger, identity, listen, nextTurn: () => Promise.resolve() });
  const pool: string[] = [];
  const told = {
    join: (member: { readonly id: string }) => pool.push(`${member.id} joins`),
    leave: (member: { readonly id: string }) => pool.push(`${member.id} leaves`),
  };
  await registry.open(told as unknown as TaskManagerPool, INCARNATION);
  const claims = { purpose: 'slots', slots: 1, address: '127.0.0.1:2' } as const;
  const { link: frames, welcome } = await callPeer(network, listen, { identity, claims, clock });
  const link = new MessageLink(frames, { clock, ...welcome, forgivesOwnSleep: false });
  const heard: unknown[] = [];
  link.start({ message: (message) => heard.push(message), closed: () => heard.push('closed') });
  await turns();
  return { pool, heard, link, registry };
}

it('a TaskManager is one of the cluster once it has said that it heard so: before, it would refuse who calls it', async () => {
  const { pool, heard, link, registry } = await welcomed();
  expect([pool, heard]).toEqual([[], []]);
  link.send({ kind: 'belongs' });
  await turns();
  expect(pool).toEqual(['tm-1 joins']);
  expect(heard).toEqual([expect.objectContaining({ kind: 'peers' })]);
  link.close(AWAY);
  await turns();
  expect(pool).toEqual(['tm-1 joins', 'tm-1 leaves']);
  await registry.close();
});

it('one that goes before it has said so was never there, and one that is only welcomed is let go with the JobManager', async () => {
  const first = await welcomed();
  first.link.close(AWAY);
  await turns();
  expect(first.pool).toEqual([]);
  await first.registry.close();
  const second = await welcomed();
  await second.registry.close();
  await turns();
  expect(second.heard).toEqual(['closed']);
});
