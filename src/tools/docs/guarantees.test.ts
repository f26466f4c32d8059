import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const page = new URL('../../../docs/guarantees.md', import.meta.url);

test('each test that docs/guarantees.md names is there', () => {
  const named = [...readFileSync(page, 'utf8').matchAll(/\]\((\.\.\/[^)]+)\)((?:,? "[^"]+")*)/g)];
  expect(named.length).toBeGreaterThan(20);
  for (const [, path, quoted] of named) {
    const file = new URL(path!, page);
    expect(existsSync(file), path).toBe(true);
    const text = readFileSync(file, 'utf8');
    for (const [, title] of quoted!.matchAll(/"([^"]+)"/g)) expect(text, `${path} has "${title}"`).toContain(title);
  }
});

test('of the crash matrix the page says no more than the list of passed points has', () => {
  const [points, places] = /(\d+) points have been passed so far, (\d+) of the/.exec(readFileSync(page, 'utf8'))!.slice(1).map(Number);
  const names = readFileSync(new URL('../crash/passed.txt', import.meta.url), 'utf8')
    .split('\n')
    .slice(1, -1);
  expect(points).toBeLessThanOrEqual(names.length);
  expect(places).toBeLessThanOrEqual(new Set(names.map((name) => name.slice(0, name.lastIndexOf('/')))).size);
});
