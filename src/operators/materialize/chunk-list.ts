import { type Batch, concatBatches } from '../../batch/index.ts';

/** Chunks merge up to this many rows. */
const CHUNK_ROWS_MAX = 65_536;

/** Rows in the order they came, in chunks that merge as they grow, so that there are few of them and each row is copied seldom. */
export class ChunkList {
  readonly #chunks: Batch[] = [];

  get chunks(): readonly Batch[] {
    return this.#chunks;
  }

  add(rows: Batch): void {
    let added = rows;
    for (let last = this.#chunks.at(-1); last !== undefined; last = this.#chunks.at(-1)) {
      if (last.rowCount > 2 * added.rowCount || last.rowCount + added.rowCount > CHUNK_ROWS_MAX) break;
      this.#chunks.pop();
      added = concatBatches([last, added]);
    }
    this.#chunks.push(added);
  }
}
