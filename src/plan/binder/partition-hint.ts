import { nearestNames, SqlError, SqlState } from '../../base/index.ts';
import type { FromItem, HintArgument, Select } from '../../sql/index.ts';
import type { LogicalPlan, ScanPartitioning, ScanPlan } from '../logical/index.ts';
import { notSupported } from './binder-error.ts';
import { hintArguments, ItemArguments, invalidHint, nameOfItem } from './hint-arguments.ts';

const PARTITION = 'partition';
const KINDS = ['forward', 'rebalance', 'rescale', 'global', 'hash(column, …)'];
const HASH = /^hash\s*\(([^()]*)\)$/i;

/** PARTITION('s' = 'rebalance', 't' = 'hash(k)', …) of a SELECT: how rows of relations in FROM come to the subtasks that read them. The answer does not hang on it. */
export class PartitionHint {
  readonly #arguments: ItemArguments;

  /** Errors: 22023 for an argument that is no pair. */
  constructor({ hints }: Pick<Select, 'hints'>) {
    const all = hintArguments(hints, PARTITION);
    const single = all.find(({ key }) => key === null);
    if (single !== undefined) {
      throw invalidHint(
        `PARTITION requires a relation and how its rows are sent, not "${single.value}"`,
        single,
        "Write PARTITION('s' = 'rebalance').",
      );
    }
    this.#arguments = new ItemArguments(PARTITION, all);
  }

  /** The plan of an item of FROM with its hint. Errors: 22023, 42703 for a column there is not, 0A000 for what cannot be sent so. */
  apply(item: FromItem, plan: LogicalPlan): LogicalPlan {
    const found = this.#arguments.of(item);
    if (found === null) return plan;
    if (plan.kind !== 'scan') {
      throw invalidHint(
        `PARTITION is for relations, and "${nameOfItem(item)}" is computed by this query`,
        found,
        'Put the hint where a stream, table or materialized view is read.',
      );
    }
    const partitioning = partitioningOf(found, plan);
    return partitioning === null ? plan : { ...plan, partitioning };
  }

  /** After all of FROM. Errors: 42P01 for a name nothing there has. */
  finish(): void {
    this.#arguments.finish();
  }
}

/** Null: rows stay where they are. */
function partitioningOf(argument: HintArgument, scan: ScanPlan): ScanPartitioning | null {
  const kind = argument.value.trim().toLowerCase();
  switch (kind) {
    case 'forward':
      return null;
    case 'global':
      return { kind };
    case 'rebalance':
    case 'rescale':
      if (scan.relation.appendOnly) return { kind };
      throw notSupported(
        `rows of "${scan.relation.name}" change, so ${kind} could part a row from its retraction`,
        argument.span,
        "Use 'hash(column, …)', which keeps equal rows together, or 'global'.",
      );
    case 'broadcast':
      throw notSupported(
        'PARTITION cannot send rows to all subtasks: each would count them once more',
        argument.span,
        "Use 'hash(column, …)' on both sides of a join, or 'global'.",
      );
    default:
      return hashOf(argument, scan);
  }
}

function hashOf(argument: HintArgument, scan: ScanPlan): ScanPartitioning {
  const columns = HASH.exec(argument.value.trim())?.[1];
  if (columns === undefined) throw invalidHint(`PARTITION does not know "${argument.value}"`, argument, `It takes: ${KINDS.join(', ')}.`);
  const written = columns.split(',').map((column) => column.trim());
  if (written.includes('')) throw invalidHint('hash() requires the names of columns', argument, "Write 'hash(k)' or 'hash(k, v)'.");
  const keys = written.map((name) => {
    const index = scan.relation.columns.findIndex((column) => column.name === name || column.name === name.toLowerCase());
    if (index >= 0) return index;
    const known = scan.relation.columns.map((column) => column.name);
    throw new SqlError({
      code: SqlState.undefinedColumn,
      message: `column "${name}" of relation "${scan.relation.name}" does not exist`,
      hint: `Perhaps you meant "${nearestNames(name, known, 1)[0] ?? known[0]}". To send rows by an expression, declare a computed column of it.`,
      position: argument.span.start,
    });
  });
  return { kind: 'hash', columns: keys };
}
