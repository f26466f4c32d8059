/** A node of a printed plan. */
export interface TreeNode {
  readonly text: string;
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
