import { type RelationKey, relationKeys } from '../../catalog/index.ts';
import type { Row, TableChanges, TableContent } from './table-content.ts';
import { keyText, uniqueViolation } from './unique-violation.ts';

/** The keys of a stored table as a transaction's next statement finds them: what is committed, under the changes the transaction has made itself. */
export class WrittenTable {
  readonly keys: readonly RelationKey[];
  readonly #content: TableContent;
  /** A map a key: holders of its values that the transaction has changed, null where it took the row away. */
  readonly #changed: readonly Map<string, Row | null>[];

  constructor(content: TableContent, changes: readonly TableChanges[]) {
    this.#content = content;
    this.keys = relationKeys(content.relation);
    this.#changed = this.keys.map(() => new Map());
    for (const { relation, removed, added } of changes) {
      if (relation.oid !== content.relation.oid) continue;
      for (const row of removed) this.#put(row, null);
      for (const row of added) this.#put(row, row);
    }
  }

  /** The row that has the values of `row` in one of the keys named (null: in any). */
  holder(row: Row, names: readonly string[] | null): Row | null {
    for (const [index, key] of this.keys.entries()) {
      if (names !== null && !names.includes(key.name)) continue;
      const found = this.#holder(index, row);
      if (found !== null) return found;
    }
    return null;
  }

  /** Rows go and come. Errors: 23505, with nothing of use left. */
  change(removed: readonly Row[], added: readonly Row[]): void {
    if (this.keys.length === 0) return;
    for (const row of removed) this.#put(row, null);
    for (const row of added) {
      this.keys.forEach((key, index) => {
        if (this.#holder(index, row) !== null) throw uniqueViolation(this.#content.relation, key, row);
      });
      this.#put(row, row);
    }
  }

  #holder(index: number, row: Row): Row | null {
    const text = keyText(this.#content.relation, this.keys[index]!, row);
    if (text === null) return null;
    const changed = this.#changed[index]!.get(text);
    return changed === undefined ? this.#content.holder(index, text) : changed;
  }

  #put(row: Row, holder: Row | null): void {
    this.keys.forEach((key, index) => {
      const text = keyText(this.#content.relation, key, row);
      if (text !== null) this.#changed[index]!.set(text, holder);
    });
  }
}
