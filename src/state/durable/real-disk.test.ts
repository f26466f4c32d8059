import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeDirectoryLock } from '../../base/adapters/node-directory-lock.ts';
import { nodeStorage } from '../../base/adapters/node-storage.ts';
import { systemClock } from '../../base/adapters/system-clock.ts';
import { type Logger, seededRandom, silentLogger } from '../../base/index.ts';
import { levelStoreFactory } from '../leveldb/index.ts';
import type { StateBlock, StateStore } from '../state-store.ts';
import { blockOf, loadTable, ModelWorkload, nothingObserved, problemsOf, recordOf, smallLimits } from '../testing/index.ts';
import { openStateStore, type StateLimits } from './index.ts';

const seed = Number(process.env.FSQL_STATE_SEED ?? 20_263);
const flips = Number(process.env.FSQL_STATE_LEVEL_FLIPS ?? 12);

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fsql-state-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

function open(options: { limits?: Partial<StateLimits>; logger?: Logger; directory?: string } = {}): Promise<StateStore> {
  const directory = options.directory ?? join(root, 'data');
  return openStateStore({
    storage: nodeStorage(directory),
    keyValueStore: levelStoreFactory(join(directory, 'base')),
    lock: nodeDirectoryLock(directory),
    clock: systemClock,
    logger: options.logger ?? silentLogger,
    limits: options.limits ?? {},
  });
}

describe('a data directory on a real disk with LevelDB', () => {
  test('goes through many checkpoints and openings', async () => {
    const observed = nothingObserved();
    for (let opening = 0; opening < 3; opening++) {
      const store = await open({ limits: smallLimits });
      if (opening > 0) expect(await problemsOf(store, observed, { fallBack: false })).toEqual([]);
      await new ModelWorkload(store, observed, seededRandom(seed + opening)).run(12);
      await store.close();
    }
    const store = await open({ limits: smallLimits });
    expect(await problemsOf(store, observed, { fallBack: false })).toEqual([]);
    await store.close();
    expect((await readdir(join(root, 'data', 'manifests'))).length).toBe(smallLimits.retainedCheckpoints);
  });

  test(`flipped bits in LevelDB's files are noticed and the base is built again (seed ${seed})`, { timeout: 3_600_000 }, async () => {
    const observed = nothingObserved();
    const store = await open({ limits: smallLimits });
    await new ModelWorkload(store, observed, seededRandom(seed)).run(12);
    await store.close();
    const random = seededRandom(seed);
    const base = join(root, 'data', 'base');
    for (let trial = 0; trial < flips; trial++) {
      const files = [];
      for (const name of (await readdir(base)).filter((file) => !/^(LOG|LOCK)/.test(file)))
        if ((await stat(join(base, name))).size > 0) files.push(name);
      const name = files[random.nextInt(files.length)]!;
      const bytes = await readFile(join(base, name));
      const bit = random.nextInt(bytes.length * 8);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      await writeFile(join(base, name), bytes);
      const again = await open({ limits: smallLimits });
      expect({ name, bit, problems: await problemsOf(again, observed, { fallBack: false }) }).toEqual({ name, bit, problems: [] });
      observed.incarnation = again.incarnation;
      await again.close();
    }
  });

  test('a checkpoint of 100,000 changed rows costs no work per row', async () => {
    const store = await open();
    const blocks: StateBlock[] = [];
    for (let keyGroup = 0; keyGroup < 128; keyGroup++) {
      const rows = Array.from({ length: 782 }, (_, index): [number, number] => [keyGroup * 1_000 + index, index]);
      blocks.push(blockOf({ operatorId: 'counts', table: 'groups', keyGroup }, new Map(rows), []));
    }
    const started = performance.now();
    const segment = await store.prepare(1, 0, blocks);
    await store.commit(recordOf(1, store.incarnation, 1), [segment], ['counts']);
    const committedMs = performance.now() - started;
    await store.confirm(1);
    console.log(
      `100,000 rows, ${segment.bytes} bytes: committed after ${committedMs.toFixed(1)} ms, confirmed after ${(performance.now() - started).toFixed(1)} ms`,
    );
    expect(segment.rows).toBe(128 * 782);
    expect(committedMs).toBeLessThan(2_000);
    expect((await loadTable(store, 'counts', 'groups')).size).toBe(128 * 782);
    await store.close();
  });
});

describe('the lock', () => {
  const holder = `
    const { nodeDirectoryLock } = await import(process.argv[1]);
    const lock = nodeDirectoryLock(process.argv[2]);
    await lock.acquire();
    await lock.announce({ host: '127.0.0.1', port: 3775 });
    process.stdout.write('held');
    setInterval(() => undefined, 1000);
  `;

  test('refuses a second server and says which process has it and how to connect; that of a killed process is taken over', async () => {
    const directory = join(root, 'data');
    const adapter = new URL('../../base/adapters/node-directory-lock.ts', import.meta.url).pathname;
    const script = join(root, 'holder.mjs');
    const esbuild = await import('esbuild');
    await esbuild.build({ entryPoints: [adapter], bundle: true, platform: 'node', format: 'esm', outfile: join(root, 'lock.mjs') });
    await writeFile(script, holder.replace('process.argv[1]', JSON.stringify(join(root, 'lock.mjs'))));
    const child = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await new Promise<void>((resolve, reject) => {
        child.stdout.once('data', () => resolve());
        child.once('exit', () => reject(new Error('the holder has ended')));
      });
      await expect(open()).rejects.toMatchObject({
        code: '55006',
        message: `data directory "${directory}" is in use by another fsql server (process ${child.pid}, port 3775)`,
        hint: 'Connect to it with "psql -h 127.0.0.1 -p 3775 -U fsql", stop it, or give this server a data directory of its own, or let it wait as a standby (--standby).',
      });
      expect(await readdir(directory)).toEqual(['LOCK']);
    } finally {
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
    }
    const store = await open();
    expect(store.incarnation).toBe(1);
    await store.close();
    expect(await readdir(directory)).not.toContain('LOCK');
  });

  test('holds within one process too, and is given back when opening fails', async () => {
    const store = await open();
    await expect(open()).rejects.toMatchObject({ code: '55006' });
    await store.close();
    await writeFile(join(root, 'data', 'FORMAT'), 'damaged');
    await expect(open()).rejects.toMatchObject({ code: 'XX001', message: 'file "FORMAT" is damaged: it does not fit its checksum' });
    await expect(open()).rejects.toMatchObject({ code: 'XX001' });
  });

  test('of a process number used again by another process is taken over; one that cannot be understood is not', async () => {
    const directory = join(root, 'data');
    await nodeStorage(directory).makeDirectory('');
    const { hostname } = await import('node:os');
    await writeFile(join(directory, 'LOCK'), JSON.stringify({ pid: process.ppid, host: hostname(), started: '1', address: null, port: null }));
    if (process.platform === 'linux') await (await open()).close();
    await writeFile(join(directory, 'LOCK'), 'not a lock');
    await expect(open()).rejects.toMatchObject({
      code: '55006',
      message: `data directory "${directory}" is locked, and its lock file cannot be understood`,
    });
  });
});
