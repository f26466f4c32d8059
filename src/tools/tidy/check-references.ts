import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Finding, SourceTree } from './source-tree.ts';

/** A file named in a line: a page, a source or a test file, with folders or without. One letter before the dot is a table's alias in SQL. */
const NAMED = /(?<![\w*…/.-])(?:\.{1,2}\/)*(?:[\w-]+\/)*[\w-]{2,}(?:\.[\w-]+)*\.(?:md|ts|mjs|slt)\b/g;

/**
 * Comments send readers to files that are there. A page (`.md`) is named by its path from the repository or from the file's own folder; of any other file
 * the end of its path is enough. `root` is the repository.
 */
export function checkReferences(tree: SourceTree, root: string): Finding[] {
  const findings: Finding[] = [];
  const known = new Set(tree.files.flatMap(({ path }) => endsOf(path)));
  for (const { path, text } of tree.files) {
    const isThere = (named: string): boolean =>
      (named.endsWith('.ts') && known.has(named.replace(/^(?:\.{1,2}\/)+/, ''))) ||
      [root, join(root, 'src'), join(root, 'src', dirname(path))].some((folder) => existsSync(join(folder, named)));
    text.split('\n').forEach((line, index) => {
      if (!/^\s*(?:\/\*\*?|\*|\/\/)/.test(line)) return;
      for (const [named] of line.matchAll(NAMED)) {
        if (!isThere(named)) findings.push({ path, line: index + 1, message: `${named} is not there: name a file of the repository` });
      }
    });
  }
  return findings;
}

/** The path, and what is left of it without its first folders. */
function endsOf(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, from) => parts.slice(from).join('/'));
}
