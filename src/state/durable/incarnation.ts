import type { Storage } from '../../base/index.ts';

const PREFIX = 'incarnation-';

/**
 * The next incarnation of the directory: one higher than ever before. It is kept as the name of an empty file, since a name is there or
 * not and cannot be half written. `atLeast` is the highest one known from elsewhere.
 */
export async function nextIncarnation(storage: Storage, atLeast: number): Promise<number> {
  const names = (await storage.list('')).filter((name) => /^incarnation-\d{12}$/.test(name));
  const incarnation = names.reduce((highest, name) => Math.max(highest, Number(name.slice(PREFIX.length))), atLeast) + 1;
  const file = await storage.open(PREFIX + String(incarnation).padStart(12, '0'), 'create');
  await file.close();
  await storage.syncDirectory('');
  for (const name of names) await storage.remove(name);
  return incarnation;
}
