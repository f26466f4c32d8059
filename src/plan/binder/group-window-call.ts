import { type Expression, type FunctionCall, foldIdentifier } from '../../sql/index.ts';

const names: ReadonlySet<string> = new Set(['tumble', 'hop', 'cumulate', 'session']);

/** `TUMBLE(ts, INTERVAL …)` and its kin as a grouping expression: Flink's older form of windows. */
export function isGroupWindowCall(node: Expression): node is FunctionCall {
  return node.kind === 'function-call' && node.name.parts.length === 1 && names.has(foldIdentifier(node.name.parts[0]!).toLowerCase());
}
