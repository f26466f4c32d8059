/**
 * EXPLAIN: plans and job graphs as lines of text, one stage each. Goldens in sql-tests compare with these, so their form is stable.
 *
 * Prints, decides nothing.
 *
 * Start reading at print-tree.ts.
 */
export { explainJobGraph } from './explain-job-graph.ts';
export { explainPhysical } from './explain-physical.ts';
export { printTree, type TreeNode } from './print-tree.ts';
