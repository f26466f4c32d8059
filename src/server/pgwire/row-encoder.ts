import type { Batch } from '../../batch/index.ts';
import { binaryWriter } from './binary-writer.ts';
import type { FormatCode } from './frontend-message.ts';
import { BackendCode } from './message-code.ts';
import type { OutputStyle } from './session-contract.ts';
import { textWriter, type ValueWriter } from './text-writer.ts';
import type { WireBuffer } from './wire-buffer.ts';

/**
 * Rows of one batch as DataRow messages:
 *
 *   DataRow  D  count:int16 (length:int32 value:byte*)*      ; length -1 is NULL
 *
 * A row of weight n is written n times, so a batch may have more rows on the wire than in memory.
 */
export class RowEncoder {
  readonly #batch: Batch;
  readonly #writers: readonly ValueWriter[];
  readonly #valid: readonly (Uint8Array | null)[];
  #row = 0;
  /** How often the current row has been written. */
  #repeated = 0;

  constructor(batch: Batch, formats: readonly FormatCode[], style: OutputStyle) {
    this.#batch = batch;
    this.#writers = batch.columns.map((column, index) => (formats[index] === 1 ? binaryWriter(column) : textWriter(column, style)));
    this.#valid = batch.columns.map((column) => column.valid);
  }

  get done(): boolean {
    return this.#row >= this.#batch.rowCount;
  }

  /** Writes rows until the batch is used up, `rowsMax` are written, or the buffer holds `bytesMax`; returns how many it wrote. */
  encode(out: WireBuffer, rowsMax: number, bytesMax: number): number {
    const { rowCount, weights } = this.#batch;
    let written = 0;
    while (this.#row < rowCount && written < rowsMax && out.position < bytesMax) {
      const start = out.position;
      try {
        this.#encodeRow(out, this.#row);
      } catch (error) {
        // Half a message must never leave: what follows is the ErrorResponse.
        out.position = start;
        throw error;
      }
      written++;
      this.#repeated++;
      if (weights === null || this.#repeated >= weights[this.#row]!) {
        this.#row++;
        this.#repeated = 0;
      }
    }
    return written;
  }

  #encodeRow(out: WireBuffer, row: number): void {
    const writers = this.#writers;
    const valid = this.#valid;
    out.reserve(7);
    const start = out.position;
    out.bytes[start] = BackendCode.dataRow;
    out.position = start + 5;
    out.int16(writers.length);
    for (let index = 0; index < writers.length; index++) {
      const mask = valid[index]!;
      if (mask !== null && mask[row] === 0) {
        out.int32(-1);
        continue;
      }
      out.reserve(4);
      const lengthAt = out.position;
      out.position = lengthAt + 4;
      writers[index]!(out, row);
      out.view.setInt32(lengthAt, out.position - lengthAt - 4);
    }
    out.view.setInt32(start + 1, out.position - start - 1);
  }
}
