import { SqlError, SqlState } from '../../base/index.ts';
import { type Catalog, type CatalogEntry, type ColumnIdentity, type Relation, sequenceName } from '../../catalog/index.ts';

/** How far ahead of the values in use the catalog may be at most. */
const AHEAD_MAX = 1024;
/** One of so many values given out since the start is kept in reserve. */
const AHEAD_SHARE = 32;

interface Counter {
  /** As it was at the last use: an ALTER may have given it another name or place. */
  relation: Relation;
  column: number;
  /** The newest value given out; null before the first. */
  last: bigint | null;
  /** Values given out since the start, and how many of them, and of those to come, the catalog knows of. */
  given: number;
  reserved: number;
}

/**
 * The counters of identity columns. A value is given out at once, from memory; before a row with it is committed the catalog's log says that it has been,
 * so a restart goes on behind it. What was given out and not stored leaves a gap, as in PostgreSQL. A busy counter is written down some way ahead, or
 * every INSERT would wait for two syncs.
 */
export class IdentityCounters {
  readonly #catalog: Catalog;
  readonly #counters = new Map<string, Counter>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** The next value of a column. Errors: 2200H when there is none left. */
  next(relation: Relation, column: number): bigint {
    const counter = this.#counter(relation, column);
    const identity = identityOf(counter);
    const { last } = counter;
    const value = last === null ? BigInt(identity.start) : following(last, counter);
    counter.last = value;
    counter.given++;
    return value;
  }

  /** Resolves when no restart gives out again what has been given out so far. */
  async persist(): Promise<void> {
    const behind = [...this.#counters.values()].filter(({ given, reserved }) => given > reserved);
    if (behind.length === 0) return;
    const goals = behind.map((counter) => {
      const ahead = stepsAhead(counter);
      const reached = counter.last! + BigInt(ahead) * BigInt(identityOf(counter).increment);
      return { counter, reserved: counter.given + ahead, entry: lastEntry(counter, String(reached)) };
    });
    await this.#catalog.commit(goals.map(({ entry }) => entry));
    for (const { counter, reserved } of goals) counter.reserved = Math.max(counter.reserved, reserved);
  }

  /** The columns of a table begin again at their START. */
  async restart(relation: Relation): Promise<void> {
    const entries: CatalogEntry[] = [];
    for (const [column, { identity }] of relation.columns.entries()) {
      if (identity === undefined) continue;
      const counter: Counter = { relation, column, last: null, given: 0, reserved: 0 };
      this.#counters.set(counterKey(relation, identity), counter);
      entries.push(lastEntry(counter, null));
    }
    await this.#catalog.commit(entries);
  }

  #counter(relation: Relation, column: number): Counter {
    const identity = relation.columns[column]!.identity!;
    const key = counterKey(relation, identity);
    const known = this.#counters.get(key);
    if (known !== undefined) return Object.assign(known, { relation, column });
    const last = this.#catalog.snapshot.attachment(relation.oid, attachmentKey(identity));
    const counter: Counter = { relation, column, last: typeof last === 'string' ? BigInt(last) : null, given: 0, reserved: 0 };
    this.#counters.set(key, counter);
    return counter;
  }
}

function identityOf({ relation, column }: Counter): ColumnIdentity {
  return relation.columns[column]!.identity!;
}

function counterKey(relation: Relation, { sequence }: ColumnIdentity): string {
  return `${relation.oid}:${sequence}`;
}

function attachmentKey({ sequence }: ColumnIdentity): string {
  return `identity:${sequence}`;
}

/** What the catalog keeps: the last value that may have been given out, as decimal text. */
function lastEntry(counter: Counter, value: string | null): CatalogEntry {
  return { kind: 'attach', oid: counter.relation.oid, key: attachmentKey(identityOf(counter)), value };
}

function following(last: bigint, counter: Counter): bigint {
  const { increment, minimum, maximum, cycle } = identityOf(counter);
  const value = last + BigInt(increment);
  if (value >= BigInt(minimum) && value <= BigInt(maximum)) return value;
  const up = BigInt(increment) > 0n;
  if (cycle) return BigInt(up ? minimum : maximum);
  const name = sequenceName(counter.relation, counter.relation.columns[counter.column]!);
  throw new SqlError({
    code: SqlState.sequenceGeneratorLimitExceeded,
    message: `nextval: reached ${up ? 'maximum' : 'minimum'} value of sequence "${name}" (${up ? maximum : minimum})`,
  });
}

/** Not beyond the bounds. */
function stepsAhead(counter: Counter): number {
  const { increment, minimum, maximum } = identityOf(counter);
  const step = BigInt(increment);
  const room = ((step > 0n ? BigInt(maximum) : BigInt(minimum)) - counter.last!) / step;
  const wanted = Math.min(AHEAD_MAX, Math.floor(counter.given / AHEAD_SHARE));
  return room < BigInt(wanted) ? Number(room) : wanted;
}
