import ts from 'typescript';
import { type Finding, lineOf, type SourceFile, type SourceTree } from './source-tree.ts';

/** An exported value nobody but its own file mentions, tests included. Types are left out: they are part of the signatures that use them. */
export function checkDeadExports(tree: SourceTree): Finding[] {
  const used = new Map<string, Set<string>>();
  for (const file of tree.files) {
    if (file.path.endsWith('/index.ts')) continue;
    for (const name of identifiersOf(file)) {
      const files = used.get(name) ?? new Set<string>();
      files.add(file.path);
      used.set(name, files);
    }
  }
  for (const name of tree.outsideNames) used.set(name, new Set([...(used.get(name) ?? []), 'outside']));
  const findings: Finding[] = [];
  for (const file of tree.files) {
    if (file.isTest || file.path.startsWith('main/') || file.path.endsWith('/index.ts')) continue;
    for (const { name, line } of exportsOf(file)) {
      const users = used.get(name);
      const elsewhere = users !== undefined && (users.size > 1 || !users.has(file.path));
      if (!elsewhere && !listedInIndex(tree, file, name)) findings.push({ path: file.path, line, message: `export "${name}" is used nowhere else` });
    }
  }
  return findings;
}

/** Members of a registry are used by the index that lists them. */
function listedInIndex(tree: SourceTree, file: SourceFile, name: string): boolean {
  const index = tree.byPath.get(`${file.path.slice(0, file.path.lastIndexOf('/'))}/index.ts`);
  return index?.imports.some((edge) => edge.target === file.path && edge.names.includes(name) && index.text.split(name).length > 2) ?? false;
}

function identifiersOf(file: SourceFile): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) names.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file.syntax);
  return names;
}

function exportsOf(file: SourceFile): { name: string; line: number }[] {
  const found: { name: string; line: number }[] = [];
  for (const statement of file.syntax.statements) {
    const exported = ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword);
    if (!exported) continue;
    const line = lineOf(file, statement.getStart(file.syntax));
    if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) continue;
    if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations)
        if (ts.isIdentifier(declaration.name)) found.push({ name: declaration.name.text, line });
    } else if ('name' in statement && statement.name && ts.isIdentifier(statement.name as ts.Node)) {
      found.push({ name: (statement.name as ts.Identifier).text, line });
    }
  }
  return found;
}
