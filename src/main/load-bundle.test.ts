import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeCachePath, loadBundle } from './load-bundle.ts';

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fsql-bundle-'));
  path = join(folder, 'bundle.cjs');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A bundle that says who it is; the key is of one digit, repeated. */
function bundleText(name: string, key: number): string {
  return `exports.load = () => ({ name: '${name}', folder: __dirname, sum: require('node:path').sep.length });//# ${String(key).repeat(16)}`;
}

/** The code cache of a text: what V8 has after it has run. */
function codeOf(text: string): Buffer {
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, { filename: path });
  const exports: { load?: () => unknown } = {};
  script.runInThisContext()(exports, () => ({ sep: '/' }), {}, path, folder);
  exports.load?.();
  return script.createCachedData();
}

function load(): { readonly name: string; readonly folder: string; readonly sum: number } {
  return (loadBundle(path) as { load: () => ReturnType<typeof load> }).load();
}

describe('a bundle', () => {
  it('is compiled from its text when there is no cache', () => {
    writeFileSync(path, bundleText('text', 1));
    expect(load()).toEqual({ name: 'text', folder, sum: 1 });
  });

  it('is taken from the cache with its key', () => {
    writeFileSync(path, bundleText('text', 1));
    // V8 compares the lengths of texts, so code of another text shows where the code came from.
    writeFileSync(codeCachePath(path, bundleText('text', 1)), codeOf(bundleText('code', 1)));
    expect(load().name).toBe('code');
  });

  it('is compiled from its text when the cache is of another build', () => {
    writeFileSync(codeCachePath(path, bundleText('code', 1)), codeOf(bundleText('code', 1)));
    writeFileSync(path, bundleText('text', 2));
    expect(load().name).toBe('text');
  });

  it('is compiled from its text when the cache is cut short or no cache at all', () => {
    const text = bundleText('text', 1);
    writeFileSync(path, text);
    const code = codeOf(bundleText('code', 1));
    for (const damaged of [code.subarray(0, code.length / 2), Buffer.alloc(0), Buffer.from('nothing of the kind')]) {
      writeFileSync(codeCachePath(path, text), damaged);
      expect(load().name).toBe('text');
    }
  });
});
