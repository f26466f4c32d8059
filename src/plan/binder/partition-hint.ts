import type { FromItem, Select } from '../../sql/index.ts';
import type { LogicalPlan, ScanPartitioning, ScanPlan } from '../logical/index.ts';
import { hintArguments, ItemArguments, invalidHint, nameOfItem } from './hint-arguments.ts';
import { SCAN_PARTITION, scanPartitioning } from './scan-partitioning.ts';

const PARTITION = 'partition';

/**
 * PARTITION('s' = 'rebalance', 't' = 'hash(k)', …) of a SELECT: how rows of relations in FROM come to the subtasks that read them; where it says nothing, their option
 * scan.partition. The answer does not depend on it.
 */
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
    if (found === null) return plan.kind === 'scan' && item.kind === 'table-reference' ? withPartitioning(plan, declared(plan, item)) : plan;
    if (plan.kind !== 'scan') {
      throw invalidHint(
        `PARTITION is for relations, and "${nameOfItem(item)}" is computed by this query`,
        found,
        'Put the hint where a stream, table or materialized view is read.',
      );
    }
    return withPartitioning(plan, scanPartitioning({ text: found.value, span: found.span, what: 'PARTITION' }, plan.relation));
  }

  /** After all of FROM. Errors: 42P01 for a name nothing there has. */
  finish(): void {
    this.#arguments.finish();
  }
}

function declared({ relation }: ScanPlan, { span }: FromItem): ScanPartitioning | null {
  const text = relation.options?.get(SCAN_PARTITION);
  return text === undefined || relation.kind === 'sink' ? null : scanPartitioning({ text, span, what: `option "${SCAN_PARTITION}"` }, relation);
}

function withPartitioning(plan: ScanPlan, partitioning: ScanPartitioning | null): ScanPlan {
  return partitioning === null ? plan : { ...plan, partitioning };
}
