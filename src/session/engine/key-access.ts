import { batchFromRows, encodeBatch } from '../../batch/index.ts';
import { type Relation, relationKeys } from '../../catalog/index.ts';
import { type Expression, type FunctionLookup, printBoundExpression, splitConjuncts } from '../../expr/index.ts';
import { impliedColumnAt } from '../../jobgraph/index.ts';
import { type LogicalPlan, planInputs, type ScanPlan, scansOf } from '../../plan/index.ts';
import type { KeyBound, KeyRange } from '../../spi/index.ts';
import { type Datum, INT2_RANGE, INT4_RANGE, INT8_RANGE, type SqlType } from '../../types/index.ts';
import { hasContent } from './relation-jobs.ts';

/** How one scan of a plan finds its rows by an index; the filter above it still decides. */
export interface KeyAccess {
  /** The index's name, or what a key without one is called. */
  readonly index: string;
  /** The conditions it answers, for EXPLAIN. */
  readonly conditions: readonly string[];
  readonly range: KeyRange;
}

type Comparison = '=' | '<' | '<=' | '>' | '>=';

const MIRRORED: Readonly<Record<Comparison, Comparison>> = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

const INTEGER_RANGES = { int2: INT2_RANGE, int4: INT4_RANGE, int8: INT8_RANGE };

/** A value of the column's type. */
interface Compared {
  readonly column: number;
  readonly comparison: Comparison;
  readonly value: Datum;
}

interface Condition extends Compared {
  readonly text: string;
}

/** The scans that a filter right above them narrows to a range of an index. One that is read in several places is read as a whole. */
export function keyAccesses(plan: LogicalPlan, functions: FunctionLookup): ReadonlyMap<ScanPlan, KeyAccess> {
  const found = new Map<ScanPlan, KeyAccess>();
  const scans = scansOf(plan);
  const visit = (node: LogicalPlan): void => {
    if (node.kind === 'filter' && node.input.kind === 'scan') {
      const scan = node.input;
      const access = scans.filter((one) => one === scan).length === 1 ? accessOf(scan, node.predicate, functions) : null;
      if (access !== null) found.set(scan, access);
    }
    for (const input of planInputs(node)) visit(input);
  };
  visit(plan);
  return found;
}

/** The index that answers most: the most columns with `=`, then a bound for the next. */
function accessOf(scan: ScanPlan, predicate: Expression, functions: FunctionLookup): KeyAccess | null {
  const { relation } = scan;
  if (scan.variant !== 'rows' || !hasContent(relation)) return null;
  const conditions = splitConjuncts(predicate).flatMap((conjunct) => conditionOf(conjunct, scan, functions) ?? []);
  if (conditions.length === 0) return null;
  let best: { readonly access: KeyAccess; readonly worth: number } | null = null;
  for (const { name, columns } of indexesOf(relation)) {
    const equal = leadingEqualities(columns, conditions);
    const next = columns[equal.length];
    const low = conditions.find(({ column, comparison }) => column === next && comparison.startsWith('>'));
    const high = conditions.find(({ column, comparison }) => column === next && comparison.startsWith('<'));
    const worth = 3 * equal.length + (low === undefined ? 0 : 1) + (high === undefined ? 0 : 1);
    if (worth === 0 || (best !== null && best.worth >= worth)) continue;
    const used = [...equal, ...(low === undefined ? [] : [low]), ...(high === undefined ? [] : [high])];
    const range = { columns, low: bound(relation, equal, low), high: bound(relation, equal, high) };
    best = { access: { index: name, conditions: used.map(({ text }) => text), range }, worth };
  }
  return best?.access ?? null;
}

/** Declared indexes, keys, and what a view's query makes unique. */
function indexesOf(relation: Relation): { readonly name: string; readonly columns: readonly number[] }[] {
  const unique = relation.uniqueKeys.filter((columns) => columns.length > 0);
  return [...relationKeys(relation), ...(relation.indexes ?? []), ...unique.map((columns) => ({ name: `the key of ${relation.name}`, columns }))];
}

function leadingEqualities(columns: readonly number[], conditions: readonly Condition[]): Condition[] {
  const found: Condition[] = [];
  for (const column of columns) {
    const condition = conditions.find((one) => one.column === column && one.comparison === '=');
    if (condition === undefined) break;
    found.push(condition);
  }
  return found;
}

function bound(relation: Relation, equal: readonly Condition[], last: Condition | undefined): KeyBound | null {
  const conditions = last === undefined ? equal : [...equal, last];
  if (conditions.length === 0) return null;
  const types = conditions.map(({ column }) => relation.columns[column]!.type);
  const values = encodeBatch(batchFromRows(types, [conditions.map(({ value }) => value)]));
  return { values, inclusive: last === undefined || last.comparison.endsWith('=') };
}

function conditionOf(conjunct: Expression, scan: ScanPlan, functions: FunctionLookup): Condition | null {
  if (conjunct.kind !== 'call' || conjunct.args.length !== 2) return null;
  const { name } = functions.function(conjunct.signature);
  if (!Object.hasOwn(MIRRORED, name)) return null;
  const [left, right] = conjunct.args as [Expression, Expression];
  const comparison = name as Comparison;
  const compared = comparedColumn(scan, left, comparison, right) ?? comparedColumn(scan, right, MIRRORED[comparison], left);
  if (compared === null) return null;
  return {
    ...compared,
    text: printBoundExpression(
      conjunct,
      scan.fields.map((field) => field.name),
    ),
  };
}

function comparedColumn(scan: ScanPlan, side: Expression, comparison: Comparison, constant: Expression): Compared | null {
  if (constant.kind !== 'literal' || constant.value === null) return null;
  const column = widened(side);
  const path = column.kind === 'column' ? scan.paths[column.index]! : [];
  if (path.length !== 1 || impliedColumnAt(path[0]!) !== null) return null;
  const { type } = scan.relation.columns[path[0]!]!;
  const value = inType(constant.value, constant.type, type);
  if (value === null) return null;
  return { column: path[0]!, comparison, value };
}

/** A column compared as a wider integer, or as text, is in the order of what it is. */
function widened(side: Expression): Expression {
  if (side.kind !== 'cast' || side.mode === 'try') return side;
  const sameOrder = (isInteger(side.type) && isInteger(side.input.type)) || (side.type.kind === 'text' && isText(side.input.type));
  return sameOrder ? side.input : side;
}

/** The value as one of the column's type; null where it is none, or the types are not in one order. */
function inType(value: Datum, from: SqlType, to: SqlType): Datum | null {
  if (isInteger(from) && isInteger(to)) {
    const { min, max } = INTEGER_RANGES[to.kind];
    const number = BigInt(value as number | bigint);
    if (number < BigInt(min) || number > BigInt(max)) return null;
    return to.kind === 'int8' ? number : Number(number);
  }
  if (isText(from) && isText(to)) return value;
  return from.kind === to.kind && !['array', 'row', 'map'].includes(to.kind) ? value : null;
}

function isInteger(type: SqlType): type is SqlType & { readonly kind: keyof typeof INTEGER_RANGES } {
  return Object.hasOwn(INTEGER_RANGES, type.kind);
}

function isText({ kind }: SqlType): boolean {
  return kind === 'text' || kind === 'varchar';
}
