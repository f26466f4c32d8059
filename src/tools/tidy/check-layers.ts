import type { Finding, SourceFile, SourceTree } from './source-tree.ts';

/** Layer of each top-level folder of src/ (docs of the layers: src/README.md). */
const layerOf: Readonly<Record<string, number>> = {
  base: 0,
  types: 1,
  batch: 1,
  sql: 1,
  expr: 1,
  catalog: 1,
  jobgraph: 1,
  spi: 1,
  over: 1,
  pattern: 1,
  plan: 2,
  state: 2,
  runtime: 2,
  operators: 3,
  functions: 3,
  connectors: 3,
  formats: 3,
  cluster: 4,
  session: 5,
  server: 6,
  tools: 6,
  main: 7,
};

/** Imports allowed inside one layer. */
const sameLayer: Readonly<Record<string, readonly string[]>> = {
  batch: ['types'],
  expr: ['types', 'batch'],
  catalog: ['types', 'sql'],
  jobgraph: ['types'],
  spi: ['types', 'batch', 'expr', 'jobgraph'],
  over: ['types', 'expr', 'spi'],
  pattern: ['types', 'expr', 'spi'],
  runtime: ['state'],
};

/** Imports from a lower layer that are forbidden all the same. Built-ins (layer 3) are for main alone. */
const forbidden: Readonly<Record<string, readonly string[]>> = {
  cluster: ['plan', 'operators', 'functions', 'connectors', 'formats'],
  session: ['operators', 'functions', 'connectors', 'formats', 'runtime'],
  server: ['operators', 'functions', 'connectors', 'formats', 'runtime', 'plan'],
  operators: ['functions', 'connectors', 'formats'],
  tools: ['operators', 'functions', 'connectors', 'formats'],
};

/** Layers, imports through index.ts only, and no cycles of value imports. */
export function checkLayers(tree: SourceTree): Finding[] {
  const findings: Finding[] = [];
  for (const file of tree.files) {
    if (file.isTest) continue;
    for (const edge of file.imports) {
      if (edge.target === null) continue;
      const problem = problemOf(file.path, edge.target);
      if (problem !== null) findings.push({ path: file.path, line: edge.line, message: problem });
    }
  }
  return [...findings, ...cycles(tree)];
}

function problemOf(from: string, to: string): string | null {
  const [source, target] = [folderOf(from), folderOf(to)];
  if (source === target || source === 'tools') return null;
  const [low, high] = [layerOf[target], layerOf[source]];
  if (low === undefined || high === undefined) return `${low === undefined ? target : source}/ has no layer`;
  if (low > high || (low === high && !(sameLayer[source] ?? []).includes(target)))
    return `${source} (layer ${high}) must not import ${target} (layer ${low})`;
  if ((forbidden[source] ?? []).includes(target)) return `${source} must not import ${target}`;
  const adapter = target === 'base' && to.startsWith('base/adapters/');
  if (adapter && !['main', 'tools'].includes(source)) return 'adapters to the real machine are handed in by main, not imported';
  const throughIndex = to.endsWith('/index.ts') || adapter || source === 'main';
  return throughIndex ? null : `import ${target} through an index.ts, not ${to}`;
}

function folderOf(path: string): string {
  return path.split('/')[0]!;
}

function cycles(tree: SourceTree): Finding[] {
  const findings: Finding[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: SourceFile): void => {
    if (done.has(file.path)) return;
    const seen = path.indexOf(file.path);
    if (seen >= 0) {
      findings.push({ path: file.path, line: 1, message: `import cycle: ${[...path.slice(seen), file.path].join(' -> ')}` });
      return;
    }
    path.push(file.path);
    for (const edge of file.imports) {
      const next = edge.typeOnly || edge.target === null ? undefined : tree.byPath.get(edge.target);
      if (next) visit(next);
    }
    path.pop();
    done.add(file.path);
  };
  for (const file of tree.files) visit(file);
  return findings;
}
