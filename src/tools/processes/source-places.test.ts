import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withSourcePlaces } from './source-places.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fsql-places-'));
  mkdirSync(join(folder, 'dist'));
  // The 5th column of the 1st line is line 3, column 3 of the source.
  const map = { version: 3, file: 'cli.cjs', sources: ['../src/main/cli.ts'], names: [], mappings: 'IAEE' };
  writeFileSync(join(folder, 'dist/cli.cjs.map'), JSON.stringify(map));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('names the source of a place in a bundle', () => {
  const trace = `Error: no\n    at run (${folder}/dist/cli.cjs:1:5)\n    at ${folder}/dist/cli.cjs:1:9`;
  expect(withSourcePlaces(trace)).toBe('Error: no\n    at run (src/main/cli.ts:3:3)\n    at src/main/cli.ts:3:3');
});

it('leaves what it has no map of', () => {
  const trace = `at run (${folder}/dist/slot.cjs:1:5), at node:internal/timers:10:2, ${folder}/dist/cli.cjs`;
  expect(withSourcePlaces(trace)).toBe(trace);
});
