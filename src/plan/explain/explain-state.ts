import { unreachable } from '../../base/index.ts';
import type { Json } from '../../jobgraph/index.ts';
import { type SqlType, storageKind } from '../../types/index.ts';
import { type JudgedState, judgeState, type KeptState, type OperatorNode, type PhysicalPlan, type StateVerdict } from '../physical/index.ts';

/** What an operator holds now, all its tables and subtasks together. */
export interface HeldState {
  readonly keys: number;
  readonly bytes: number;
}

/** EXPLAIN STATE as lines and as data. */
export interface ExplainedState {
  readonly lines: readonly string[];
  readonly json: Json;
}

/** Of an entry: hash index, multiplicity, allocation. */
const ENTRY_BYTES = 24;
const SLOT_BYTES = 9;
/** A guess at what a value without a fixed length takes. */
const VALUE_BYTES = 32;

/** What each operator keeps, what bounds it, or what would. `held`: what an operator of a running job holds; null where none runs. */
export function explainState(plan: PhysicalPlan, held: (node: OperatorNode) => HeldState | null): ExplainedState {
  const byOperator = new Map<OperatorNode, JudgedState[]>();
  for (const one of judgeState(plan)) byOperator.set(one.node, [...(byOperator.get(one.node) ?? []), one]);
  const operators = [...byOperator].map(([node, states]) => ({ label: node.operator.label, held: held(node), states }));
  const lines = operators.flatMap(({ label, held: now, states }) => [
    `${label}${now === null ? '' : ` · now ${now.keys} entries, ${now.bytes} bytes`}`,
    ...states.flatMap(stateLines),
  ]);
  return {
    lines: [...lines, summary([...byOperator.values()].flat())],
    json: operators.map(({ label, held: now, states }) => ({
      Operator: label,
      ...(now === null ? {} : { Entries: now.keys, Bytes: now.bytes }),
      State: states.map(stateJson),
    })),
  };
}

function stateLines({ kept, verdict }: JudgedState): string[] {
  const found = kept.key.length === 0 ? '' : ` by ${kept.key.map((column) => column.name).join(', ')}`;
  const size = kept.key.length + kept.columns.length === 0 ? '' : ` · about ${entryBytes(kept)} bytes an entry`;
  const line = `  ${kept.what}${found}: ${verdictName(verdict)}, ${verdict.why}${size}`;
  const remedy = remedyOf(verdict);
  return remedy === null ? [line] : [line, `    to bound it: ${remedy}`];
}

function stateJson({ kept, verdict }: JudgedState): Json {
  const remedy = remedyOf(verdict);
  return {
    Keeps: kept.what,
    Key: kept.key.map((column) => column.name),
    Bound: verdict.kind,
    Why: verdict.why,
    ...(remedy === null ? {} : { Remedy: remedy }),
    'Bytes per Entry': entryBytes(kept),
  };
}

function remedyOf(verdict: StateVerdict): string | null {
  return 'remedy' in verdict ? (verdict.remedy ?? null) : null;
}

function verdictName(verdict: StateVerdict): string {
  switch (verdict.kind) {
    case 'bounded':
      return 'bounded';
    case 'keys':
      return 'by keys';
    case 'relation':
      return 'by rows';
    case 'unbounded':
      return 'UNBOUNDED';
    default:
      return unreachable(verdict);
  }
}

function summary(all: readonly JudgedState[]): string {
  if (all.length === 0) return 'State: none';
  const count = (kind: StateVerdict['kind'], name: string): string[] => {
    const number = all.filter(({ verdict }) => verdict.kind === kind).length;
    return number === 0 ? [] : [`${number} ${name}`];
  };
  const parts = [count('unbounded', 'unbounded'), count('keys', 'by keys'), count('relation', 'by rows'), count('bounded', 'bounded')];
  return `State: ${parts.flat().join(', ')}`;
}

function entryBytes({ key, columns }: KeptState): number {
  return [...key, ...columns].reduce((sum, column) => sum + valueBytes(column.type), ENTRY_BYTES);
}

function valueBytes(type: SqlType): number {
  return storageKind(type) === 'bytes' ? VALUE_BYTES : SLOT_BYTES;
}
