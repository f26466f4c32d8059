import type { LogicalPlan, ScanPlan } from './logical-plan.ts';

/** The relation a scan reads, whole and in column order: what a temporary view of a connector stream keeps while it is read. */
export function continuousLeaf(scan: ScanPlan): LogicalPlan {
  const { columns } = scan.relation;
  return { ...scan, paths: columns.map((_, index) => [index]), fields: columns.map(({ name, type }) => ({ name, type })) };
}
