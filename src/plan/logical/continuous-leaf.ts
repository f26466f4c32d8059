import { assert } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import { type ImpliedColumn, impliedColumnAt, impliedColumns } from '../../jobgraph/index.ts';
import type { LogicalPlan, ScanPlan } from './logical-plan.ts';
import { substituteColumns } from './substitute-columns.ts';

/**
 * The relation a scan reads, whole and in column order, behind it what the scan reads of its implied columns.
 */
export function continuousLeaf(scan: ScanPlan): LogicalPlan {
  const { columns } = scan.relation;
  const implied = impliedOf(scan);
  return {
    ...scan,
    paths: [...columns.map((_, index) => [index]), ...implied.map(({ position }) => [position])],
    fields: [...columns, ...implied].map(({ name, type }) => ({ name, type })),
  };
}

/** What a temporary view of a connector stream keeps while the scan reads it: the columns its paths begin with. Where it reads none, one of them: there have to be rows to count. */
export function readLeaf(scan: ScanPlan): ScanPlan {
  const { columns } = scan.relation;
  const heads = headsOf(scan);
  return {
    ...scan,
    paths: heads.map((column) => [column]),
    fields: heads.map((column) => {
      const { name, type } = impliedColumnAt(column) ?? columns[column]!;
      return { name, type };
    }),
  };
}

/** An expression over the fields of the scan, over those of its `readLeaf`. */
export function overReadLeaf(expression: Expression, scan: ScanPlan): Expression {
  const leaf = readLeaf(scan);
  const values = scan.paths.map(([head, ...fields]) => {
    const index = readLeafPosition(scan, head!);
    const { name, type } = leaf.fields[index]!;
    return fields.reduce(fieldOf, { kind: 'column', index, name, type });
  });
  return substituteColumns(expression, values);
}

function fieldOf(input: Expression, index: number): Expression {
  assert(input.type.kind === 'row', 'a path leads through ROW values');
  return { kind: 'field', input, index, type: input.type.fields[index]!.type };
}

/** Where `readLeaf` has the column that a path of the scan begins with. */
export function readLeafPosition(scan: ScanPlan, column: number): number {
  return headsOf(scan).indexOf(column);
}

function headsOf({ paths }: ScanPlan): number[] {
  const heads = [...new Set(paths.map((path) => path[0]!))];
  return heads.length === 0 ? [0] : heads;
}

/** Where the leaf of a scan has the column that a path of the scan begins with. */
export function leafPosition(scan: ScanPlan, column: number): number {
  if (impliedColumnAt(column) === null) return column;
  return scan.relation.columns.length + impliedOf(scan).findIndex(({ position }) => position === column);
}

function impliedOf({ paths }: ScanPlan): ImpliedColumn[] {
  const read = new Set(paths.map((path) => path[0]!));
  return impliedColumns.filter(({ position }) => read.has(position));
}
