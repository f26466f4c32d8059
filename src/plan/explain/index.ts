/**
 * EXPLAIN: plans, job graphs and what is known of their changes and state, as lines of text and as data, one stage each. Goldens in sql-tests compare with
 * these, so their form is stable.
 *
 * Prints, decides nothing.
 *
 * Start reading at print-tree.ts.
 */
export { type ExplainedChangelog, explainChangelog } from './explain-changelog.ts';
export { explainJobGraph } from './explain-job-graph.ts';
export { explainPhysical, physicalTree } from './explain-physical.ts';
export { type ExplainedState, explainState, type HeldState } from './explain-state.ts';
export { closingLateness, nextWindowEnd, windowsOf } from './next-window.ts';
export { printTree, type TreeNode, treeJson } from './print-tree.ts';
