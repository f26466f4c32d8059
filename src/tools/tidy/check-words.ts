import ts from 'typescript';
import { type Finding, lineOf, type SourceFile, type SourceTree } from './source-tree.ts';

const leftovers = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X:', 'HA' + 'CK'].map((word) => `\\b${word}\\b`).join('|'));

/** Leftovers in comments, and `any`. */
export function checkWords(tree: SourceTree): Finding[] {
  const findings: Finding[] = [];
  for (const file of tree.files) {
    file.text.split('\n').forEach((line, index) => {
      if (leftovers.test(line)) findings.push({ path: file.path, line: index + 1, message: 'finish it or open an issue: no leftovers' });
    });
    anyKeywords(file, findings);
  }
  return findings;
}

function anyKeywords(file: SourceFile, findings: Finding[]): void {
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.AnyKeyword)
      findings.push({ path: file.path, line: lineOf(file, node.getStart(file.syntax)), message: 'any: use unknown and narrow it' });
    ts.forEachChild(node, visit);
  };
  visit(file.syntax);
}
