import { SqlError } from '../../base/index.ts';
import type { FromItem, Hint, Select } from '../../sql/index.ts';
import type { LogicalPlan, ScanPartitioning, ScanPlan } from '../logical/index.ts';
import { type QueryEnvironment, type Warn, warnOf } from './bind-state.ts';
import { nameOfItem } from './hint-arguments.ts';
import { REROUTING_HINTS } from './known-hints.ts';
import { scanPartitioning } from './scan-partitioning.ts';

/** What the arguments of a hint ask for; `subtasks`: into how many parts, which a hint cannot choose here. */
interface Asked {
  readonly kind: string | null;
  readonly subtasks: number | null;
}

/**
 * Spark's REBALANCE, REPARTITION and COALESCE, for the relation they name or the only one in FROM: REBALANCE and REPARTITION deal its rows out, REPARTITION(c, …) and REBALANCE(c, …)
 * hash them by columns, REPARTITION(1) and COALESCE(1) bring them to one subtask. What PARTITION would refuse is reported here.
 */
export class ReroutingHint {
  readonly #hints: readonly Hint[];
  readonly #done = new Set<Hint>();
  readonly #only: boolean;
  readonly #warn: Warn;

  constructor({ hints, from }: Pick<Select, 'hints' | 'from'>, { state }: QueryEnvironment) {
    this.#hints = hints.filter(({ name, foreign }) => foreign === undefined && REROUTING_HINTS.includes(name.text.toLowerCase()));
    this.#only = from.length === 1 && from[0]!.kind === 'table-reference';
    this.#warn = warnOf(state);
  }

  /** The plan of an item of FROM with its hint. */
  apply(item: FromItem, plan: LogicalPlan): LogicalPlan {
    const name = nameOfItem(item)?.toLowerCase();
    if (plan.kind !== 'scan' || name === undefined) return plan;
    let routed = plan;
    for (const hint of this.#hints) {
      if (!this.#only && !hint.arguments.some(({ value }) => value.toLowerCase() === name)) continue;
      this.#done.add(hint);
      const partitioning = this.#partitioning(hint, name, plan);
      if (partitioning !== null) routed = { ...routed, partitioning };
    }
    return routed;
  }

  /** After all of FROM. */
  finish(): void {
    for (const { name, span } of this.#hints.filter((hint) => !this.#done.has(hint))) {
      const message = `hint ${name.text.toUpperCase()} has no effect: it does not say of which relation in FROM`;
      this.#warn({
        message,
        hint: "Write PARTITION('s' = 'rebalance'), with the name of a stream, table or materialized view.",
        position: span.start,
      });
    }
  }

  #partitioning(hint: Hint, name: string, { relation }: ScanPlan): ScanPartitioning | null {
    const what = hint.name.text.toUpperCase();
    const { kind, subtasks } = askedBy(hint, name);
    const position = hint.span.start;
    if (subtasks !== null && subtasks !== 1) {
      const message = `hint ${what} does not change the number of subtasks`;
      this.#warn({ message, hint: 'A job has as many as there are slots, or as ALTER … SET PARALLELISM says.', position });
    }
    if (kind === null) return null;
    try {
      return scanPartitioning({ text: kind, span: hint.span, what: 'PARTITION' }, relation);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      this.#warn({ message: `hint ${what} has no effect: ${error.message}`, hint: error.hint ?? '', position });
      return null;
    }
  }
}

/** How rows are to be sent, as PARTITION says it; null: as they are. */
function askedBy({ name, arguments: all }: Hint, relation: string): Asked {
  const values = all.map(({ value }) => value).filter((value) => value.toLowerCase() !== relation);
  const numbers = values.filter((value) => /^\d+$/.test(value)).map(Number);
  const columns = values.filter((value) => !/^\d+$/.test(value));
  const subtasks = numbers[0] ?? null;
  if (subtasks === 1) return { kind: 'global', subtasks };
  if (name.text.toLowerCase() === 'coalesce') return { kind: null, subtasks: subtasks ?? 0 };
  return { kind: columns.length === 0 ? 'rebalance' : `hash(${columns.join(', ')})`, subtasks };
}
