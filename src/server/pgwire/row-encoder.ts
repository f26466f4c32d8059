import type { Batch } from '../../batch/index.ts';
import { binaryWriter } from './binary-writer.ts';
import type { FormatCode } from './frontend-message.ts';
import { BackendCode } from './message-code.ts';
import type { OutputStyle } from './session-contract.ts';
import { textWriter, type ValueWriter } from './text-writer.ts';
import { WeightedRowsEncoder } from './weighted-rows-encoder.ts';
import type { WireBuffer } from './wire-buffer.ts';

/**
 * Rows of one batch as DataRow messages:
 *
 *   DataRow  D  count:int16 (length:int32 value:byte*)*      ; length -1 is NULL
 */
export class RowEncoder extends WeightedRowsEncoder {
  readonly #writers: readonly ValueWriter[];
  readonly #valid: readonly (Uint8Array | null)[];

  constructor(batch: Batch, formats: readonly FormatCode[], style: OutputStyle) {
    super(batch);
    this.#writers = batch.columns.map((column, index) => (formats[index] === 1 ? binaryWriter(column) : textWriter(column, style)));
    this.#valid = batch.columns.map((column) => column.valid);
  }

  protected override encodeRow(out: WireBuffer, row: number): void {
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
