import ts from 'typescript';
import { type Finding, lineOf, type SourceFile, type SourceTree } from './source-tree.ts';

const FILE_LINES_MAX = 600;
const FUNCTION_LINES_MAX = 70;
const PARAMETERS_MAX = 4;

/** File, function and parameter limits (style point 6). Tables of data are not functions and have only the file's limit. */
export function checkSizes(tree: SourceTree): Finding[] {
  const findings: Finding[] = [];
  for (const file of tree.files) {
    const lines = file.text.split('\n').length;
    if (lines > FILE_LINES_MAX)
      findings.push({ path: file.path, line: 1, message: `${lines} lines, at most ${FILE_LINES_MAX}: split it by concept` });
    if (!file.isTest) functionSizes(file, findings);
  }
  return findings;
}

function functionSizes(file: SourceFile, findings: Finding[]): void {
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const first = lineOf(file, node.getStart(file.syntax));
      const length = lineOf(file, node.end) - first + 1;
      if (length > FUNCTION_LINES_MAX)
        findings.push({ path: file.path, line: first, message: `function of ${length} lines, at most ${FUNCTION_LINES_MAX}` });
      if (node.parameters.length > PARAMETERS_MAX && ts.isFunctionDeclaration(node) && !isKernel(file, node)) {
        findings.push({
          path: file.path,
          line: first,
          message: `${node.parameters.length} parameters, at most ${PARAMETERS_MAX}: use an options object`,
        });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file.syntax);
}

/** Kernels take flat arrays and counts; an options object a call would cost what they exist to save. They say so in their comment. */
function isKernel(file: SourceFile, node: ts.FunctionDeclaration): boolean {
  const comment = file.text.slice(node.getFullStart(), node.getStart(file.syntax));
  return file.path.includes('/kernels/') || /\bKernel\b/.test(comment);
}
