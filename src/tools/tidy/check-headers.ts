import type { Finding, SourceTree } from './source-tree.ts';

/** Folders deeper than this are lists of one family: a sentence is enough. */
const HEADER_DEPTH = 3;

/** Every folder's index.ts has a header comment, of at least three lines near the top of the tree. */
export function checkHeaders(tree: SourceTree): Finding[] {
  const findings: Finding[] = [];
  for (const file of tree.files) {
    if (!file.path.endsWith('/index.ts')) continue;
    // Behind the imports is fine where the file also holds the definition itself.
    const header = /^\/\*\*[\s\S]*?\*\//m.exec(file.text)?.[0];
    const linesMin = file.path.split('/').length > HEADER_DEPTH ? 1 : 3;
    if (header === undefined || header.split('\n').length < linesMin) {
      findings.push({
        path: file.path,
        line: 1,
        message: 'index.ts opens with a header: what the folder is, what it is not, where to start reading',
      });
    }
  }
  const folders = new Set(tree.files.filter((file) => file.path.split('/').length === 2).map((file) => file.path.split('/')[0]!));
  for (const folder of folders) {
    if (folder !== 'main' && folder !== 'tools' && !tree.byPath.has(`${folder}/index.ts`))
      findings.push({ path: `${folder}/`, line: 1, message: 'a folder exports through index.ts' });
  }
  return findings;
}
