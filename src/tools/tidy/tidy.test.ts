import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  checkBannedCalls,
  checkDeadExports,
  checkHeaders,
  checkLayers,
  checkListed,
  checkReferences,
  checkSizes,
  checkWords,
  loadSourceTree,
  type SourceTree,
} from './index.ts';
import type { Finding } from './source-tree.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

const checks: Readonly<Record<string, (tree: SourceTree) => Finding[]>> = {
  'imports point down and through index.ts, no cycles': checkLayers,
  'files, functions and parameter lists are small': checkSizes,
  'time, randomness, disk and network are parameters': checkBannedCalls,
  'every folder opens with a header': checkHeaders,
  'every definition is listed': checkListed,
  'no leftovers, no any': checkWords,
  'no dead exports': checkDeadExports,
  'comments name files that are there': (tree) => checkReferences(tree, root),
};

describe('the repository', () => {
  let tree: SourceTree;
  beforeAll(() => {
    tree = loadSourceTree(join(root, 'src'));
  });

  test.each(Object.entries(checks))('%s', (_, check) => {
    expect(check(tree).map((finding) => `src/${finding.path}:${finding.line} ${finding.message}`)).toEqual([]);
  });
});
