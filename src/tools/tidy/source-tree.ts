import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import ts from 'typescript';

/** One import, export-from or dynamic import. */
export interface ImportEdge {
  readonly line: number;
  readonly specifier: string;
  /** Path relative to src/ for a file of the project, null for a package or a node: module. */
  readonly target: string | null;
  readonly typeOnly: boolean;
  readonly names: readonly string[];
}

export interface SourceFile {
  /** Relative to src/, with '/'. */
  readonly path: string;
  readonly text: string;
  readonly syntax: ts.SourceFile;
  readonly imports: readonly ImportEdge[];
  readonly isTest: boolean;
}

export interface SourceTree {
  readonly files: readonly SourceFile[];
  readonly byPath: ReadonlyMap<string, SourceFile>;
  /** Identifiers in files that are no TypeScript but call it: the grammar's actions, scripts. */
  readonly outsideNames: ReadonlySet<string>;
}

/** What a check finds. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** Every TypeScript file below `root` (src/), generated ones and the AssemblyScript kernels left out. */
export function loadSourceTree(root: string): SourceTree {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts') && !entry.name.includes('.generated.'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !path.includes('/assembly/'))
    .sort()
    .map((path) => load(root, path));
  return {
    files,
    byPath: new Map(files.map((file) => [file.path, file])),
    outsideNames: new Set([...namesIn(join(root, '../grammar'), /\.peggy$/), ...namesIn(root, /\.mjs$/)]),
  };
}

function namesIn(folder: string, pattern: RegExp): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && pattern.test(entry.name));
  const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  return texts.flatMap((text) => text.match(/[A-Za-z_$][\w$]*/g) ?? []);
}

export function lineOf(file: SourceFile, position: number): number {
  return file.syntax.getLineAndCharacterOfPosition(position).line + 1;
}

function load(root: string, path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  const syntax = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const isTest = /\.test\.ts$/.test(path) || path.includes('/testing/');
  return { path, text, syntax, isTest, imports: importsOf(path, syntax) };
}

function importsOf(path: string, syntax: ts.SourceFile): ImportEdge[] {
  const edges: ImportEdge[] = [];
  const add = (node: ts.Node, specifier: string, facts: { typeOnly: boolean; names: readonly string[] }): void => {
    const target = specifier.startsWith('.') ? posix.normalize(posix.join(dirname(path), specifier)) : null;
    edges.push({ line: syntax.getLineAndCharacterOfPosition(node.getStart(syntax)).line + 1, specifier, target, ...facts });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, textOf(node.moduleSpecifier), importFacts(node.importClause));
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(node, textOf(node.moduleSpecifier), exportFacts(node));
    else if (
      ts.isCallExpression(node) &&
      node.expression.kind === ts.SyntaxKind.ImportKeyword &&
      node.arguments[0] &&
      ts.isStringLiteral(node.arguments[0])
    ) {
      add(node, node.arguments[0].text, { typeOnly: false, names: ['*'] });
    }
    ts.forEachChild(node, visit);
  };
  visit(syntax);
  return edges;
}

function importFacts(clause: ts.ImportClause | undefined): { typeOnly: boolean; names: string[] } {
  const bindings = clause?.namedBindings;
  if (bindings === undefined || !ts.isNamedImports(bindings)) return { typeOnly: clause?.isTypeOnly ?? false, names: ['*'] };
  const values = bindings.elements.filter((element) => !element.isTypeOnly);
  const names = bindings.elements.map((element) => (element.propertyName ?? element.name).text);
  return { typeOnly: clause!.isTypeOnly || values.length === 0, names };
}

function exportFacts(node: ts.ExportDeclaration): { typeOnly: boolean; names: string[] } {
  const clause = node.exportClause;
  if (clause === undefined || !ts.isNamedExports(clause)) return { typeOnly: node.isTypeOnly, names: ['*'] };
  const values = clause.elements.filter((element) => !element.isTypeOnly);
  return { typeOnly: node.isTypeOnly || values.length === 0, names: clause.elements.map((element) => (element.propertyName ?? element.name).text) };
}

function textOf(node: ts.Expression): string {
  return ts.isStringLiteral(node) ? node.text : '';
}
