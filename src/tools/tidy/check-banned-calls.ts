import ts from 'typescript';
import { type Finding, lineOf, type SourceFile, type SourceTree } from './source-tree.ts';

/** Folders that may touch the machine (architecture 3.6). */
const rooms = ['base/adapters/', 'server/', 'connectors/', 'state/leveldb/', 'main/', 'tools/'];

const modules = new Set([
  'fs',
  'fs/promises',
  'net',
  'tls',
  'http',
  'https',
  'dgram',
  'dns',
  'child_process',
  'worker_threads',
  'os',
  'timers',
  'timers/promises',
  'readline',
]);

/** Modules a room of its own may use beside the general ones: who hosts workers has to create them. */
const exceptions: Readonly<Record<string, readonly string[]>> = { worker_threads: ['runtime/', 'cluster/'] };

const globals: Readonly<Record<string, string>> = {
  setTimeout: 'Clock.after',
  setInterval: 'Clock.every',
  setImmediate: 'a host of src/runtime',
  fetch: 'a connector',
};

/** Time, randomness, disk and network reach the engine as parameters only. */
export function checkBannedCalls(tree: SourceTree): Finding[] {
  const findings: Finding[] = [];
  for (const file of tree.files) {
    if (file.isTest || rooms.some((room) => file.path.startsWith(room))) continue;
    for (const edge of file.imports) {
      const name = edge.specifier.replace(/^node:/, '');
      const excepted = (exceptions[name] ?? []).some((room) => file.path.startsWith(room));
      if (modules.has(name) && !excepted) findings.push({ path: file.path, line: edge.line, message: `node:${name} is for ${rooms.join(', ')}` });
    }
    bannedExpressions(file, findings);
  }
  return findings;
}

function bannedExpressions(file: SourceFile, findings: Finding[]): void {
  const report = (node: ts.Node, message: string): void => {
    findings.push({ path: file.path, line: lineOf(file, node.getStart(file.syntax)), message });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText(file.syntax) === 'Date' && (node.arguments ?? []).length === 0)
      report(node, 'new Date() reads the clock: take a Clock');
    if (ts.isPropertyAccessExpression(node)) {
      const text = node.getText(file.syntax);
      if (text === 'Date.now' || text === 'performance.now') report(node, `${text} reads the clock: take a Clock`);
      if (text === 'Math.random') report(node, 'Math.random: take a Random');
      if (text === 'process.env') report(node, 'process.env is read by main alone');
    }
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const instead = globals[node.expression.text];
      if (instead !== undefined && Object.hasOwn(globals, node.expression.text)) report(node, `${node.expression.text}: use ${instead}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file.syntax);
}
