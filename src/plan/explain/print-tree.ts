import type { Json } from '../../jobgraph/index.ts';

/** A node of a printed plan. */
export interface TreeNode {
  readonly text: string;
  /** What tools read instead of the text; named as people say it. */
  readonly facts?: Readonly<Record<string, Json>>;
  readonly children: readonly TreeNode[];
}

/** Box-drawing tree, one line a node, no trailing line feed. */
export function printTree(root: TreeNode): string[] {
  const lines: string[] = [];
  const visit = (node: TreeNode, head: string, tail: string): void => {
    lines.push(head + node.text);
    node.children.forEach((child, index) => {
      const last = index === node.children.length - 1;
      visit(child, `${tail}${last ? '└─ ' : '├─ '}`, `${tail}${last ? '   ' : '│  '}`);
    });
  };
  visit(root, '', '');
  return lines;
}

/** The tree in the shape of PostgreSQL's FORMAT JSON: the inputs of a node are its "Plans". */
export function treeJson({ text, facts, children }: TreeNode): Json {
  return { 'Node Type': text, ...facts, ...(children.length === 0 ? {} : { Plans: children.map(treeJson) }) };
}
