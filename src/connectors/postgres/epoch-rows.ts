import { type Batch, type Epoch, readDatum } from '../../batch/index.ts';
import { formatDatum } from '../../types/index.ts';
import type { TextRow } from './target-table.ts';

/** What a sink has written in one epoch. `gone`: rows whose keys are taken away; no key is among both. */
export interface EpochRows {
  readonly epoch: Epoch;
  readonly rows: TextRow[];
  readonly gone: TextRow[];
}

/** A value takes its text and a few bytes of punctuation. */
const VALUE_BYTES = 4;

/** Rows that wait for their checkpoint, by epoch. */
export class EpochOutbox {
  #epochs: EpochRows[] = [];
  /** Of the texts, roughly. */
  bytes = 0;

  add(epoch: Epoch, batch: Batch): void {
    let last = this.#epochs.at(-1);
    if (last?.epoch !== epoch) {
      last = { epoch, rows: [], gone: [] };
      this.#epochs.push(last);
    }
    for (let row = 0; row < batch.rowCount; row++) {
      const weight = batch.weights === null ? 1 : batch.weights[row]!;
      const texts = textsOf(batch, row);
      if (weight < 0) last.gone.push(texts);
      else for (let copy = 0; copy < weight; copy++) last.rows.push(texts);
      for (const text of texts) this.bytes += (text?.length ?? 0) + VALUE_BYTES;
    }
  }

  /** Takes everything out; null when there is nothing. */
  take(): Uint8Array | null {
    const epochs = this.#epochs;
    this.#epochs = [];
    this.bytes = 0;
    return epochs.length === 0 ? null : new TextEncoder().encode(JSON.stringify(epochs));
  }
}

export function epochRowsOf(bytes: Uint8Array): readonly EpochRows[] {
  return JSON.parse(new TextDecoder().decode(bytes)) as EpochRows[];
}

/** The same effect on a table with a key with each key once: what its last epoch has made of it. */
export function lastByKey(epochs: readonly EpochRows[], key: readonly number[]): Pick<EpochRows, 'rows' | 'gone'> {
  const byKey = new Map<string, { readonly row: TextRow; readonly isThere: boolean }>();
  for (const { rows, gone } of epochs) {
    for (const row of gone) byKey.set(keyText(row, key), { row, isThere: false });
    for (const row of rows) byKey.set(keyText(row, key), { row, isThere: true });
  }
  const all = [...byKey.values()];
  return { rows: all.filter(({ isThere }) => isThere).map(({ row }) => row), gone: all.filter(({ isThere }) => !isThere).map(({ row }) => row) };
}

function keyText(row: TextRow, key: readonly number[]): string {
  return JSON.stringify(key.map((column) => row[column]));
}

function textsOf(batch: Batch, row: number): TextRow {
  return batch.columns.map((column) => {
    const value = readDatum(column, row);
    return value === null ? null : formatDatum(column.type, value);
  });
}
