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
