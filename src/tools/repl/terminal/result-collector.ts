import type { TextColumn, TextResult, TextRow } from '../render/index.ts';
import type { ResultColumn, ResultReceiver } from '../wire/index.ts';
import { textColumns } from './result-printer.ts';

/** Keeps the rows of a query of the terminal's own. */
export class ResultCollector implements ResultReceiver {
  #columns: readonly TextColumn[] = [];
  readonly #rows: TextRow[] = [];

  get result(): TextResult {
    return { columns: this.#columns, rows: this.#rows };
  }

  columns(columns: readonly ResultColumn[]): void {
    this.#columns = textColumns(columns);
  }

  async rows(rows: readonly TextRow[]): Promise<void> {
    for (const row of rows) this.#rows.push(row);
  }

  async complete(): Promise<void> {}

  async copyOut(): Promise<void> {}

  async *copyIn(): AsyncGenerator<string> {}
}
