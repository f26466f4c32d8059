import type { Relation } from '../../catalog/index.ts';
import { quoteRelation } from '../../sql/index.ts';
import { comparableCells } from './comparable-cells.ts';
import { Mismatch } from './mismatch.ts';
import { withoutRows } from './row-difference.ts';
import type { ResultRows } from './run-sql.ts';

/** What TakenRows needs of a test's run. */
interface RowReader {
  relation(name: string): Relation;
  findRelation(parts: readonly string[]): Relation | null;
  resultRows(sql: string): Promise<ResultRows>;
}

interface Followed {
  readonly name: string;
  columns: readonly string[];
  rows: readonly string[];
  /** Came and went, and was not asserted yet. Cells joined by tabs. */
  readonly added: string[];
  readonly removed: string[];
}

/**
 * ksqlDB's view of a relation for ASSERT VALUES and ASSERT NULL VALUES: rows that came, and rows that went, each of which is asserted once. The relations
 * a test asserts about are looked at after each of its statements, so that none of their contents is missed.
 */
export class TakenRows {
  readonly #reader: RowReader;
  readonly #followed = new Map<string, Followed>();

  constructor(reader: RowReader) {
    this.#reader = reader;
  }

  /** To be looked at from now on, once it exists. */
  follow(name: string): void {
    if (!this.#followed.has(name)) this.#followed.set(name, { name, columns: [], rows: [], added: [], removed: [] });
  }

  async look(): Promise<void> {
    for (const followed of this.#followed.values()) {
      const relation = this.#reader.findRelation(followed.name.split('.'));
      if (relation === null || relation.kind === 'sink') continue;
      const { fields, rows } = await this.#reader.resultRows(`SELECT * FROM ${quoteRelation(relation)}`);
      const types = fields.map(({ type }) => type);
      const lines = rows.map((cells) => comparableCells(cells, types).join('\t'));
      followed.columns = fields.map(({ name }) => name);
      followed.added.push(...withoutRows(lines, followed.rows));
      followed.removed.push(...withoutRows(followed.rows, lines));
      followed.rows = lines;
    }
  }

  /** Takes one of the rows that came: the first that has these cells. */
  takeAdded(name: string, columns: readonly string[], cells: readonly string[]): void {
    const followed = this.#required(name);
    this.#take(followed, followed.added, { columns, cells, what: 'row' });
  }

  /** Takes one of the rows that went; none of its key may be there now. */
  takeRemoved(name: string, columns: readonly string[], cells: readonly string[]): void {
    const followed = this.#required(name);
    const present = followed.rows.filter((row) => matches(followed, row, columns, cells));
    if (present.length > 0) throw new Mismatch(`"${name}" still has\n+ ${present.join('\n+ ')}`);
    this.#take(followed, followed.removed, { columns, cells, what: 'removal' });
  }

  #take(
    followed: Followed,
    rows: string[],
    wanted: { readonly columns: readonly string[]; readonly cells: readonly string[]; readonly what: string },
  ): void {
    const at = rows.findIndex((row) => matches(followed, row, wanted.columns, wanted.cells));
    if (at >= 0) {
      rows.splice(at, 1);
      return;
    }
    const others = rows.map((row) => `\n+ ${select(followed, row, wanted.columns).join('\t')}`);
    throw new Mismatch(`"${followed.name}" has no such ${wanted.what} that was not asserted yet\n- ${wanted.cells.join('\t')}${others.join('')}`);
  }

  #required(name: string): Followed {
    this.#reader.relation(name);
    return this.#followed.get(name)!;
  }
}

function matches(followed: Followed, row: string, columns: readonly string[], cells: readonly string[]): boolean {
  return select(followed, row, columns).every((cell, index) => cell === cells[index]);
}

function select(followed: Followed, row: string, columns: readonly string[]): string[] {
  const cells = row.split('\t');
  return columns.map((column) => cells[followed.columns.indexOf(column)] ?? '');
}
