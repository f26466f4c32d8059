import type { Batch } from '../../batch/index.ts';
import type { EncodedRows, Encoder } from '../../spi/index.ts';
import { TextWriter } from '../text-writer.ts';
import type { ChangeDialect } from './change-envelope.ts';

interface Frame {
  readonly prefix: Uint8Array;
  readonly suffix: Uint8Array;
}

/** Rows to change events: one with a negative weight is taken away, any other put. */
export class ChangeEncoder implements Encoder {
  readonly #rows: Encoder;
  readonly #put: Frame;
  readonly #taken: Frame;

  constructor(rows: Encoder, dialect: ChangeDialect) {
    this.#rows = rows;
    this.#put = frame(dialect.put);
    this.#taken = frame(dialect.taken);
  }

  encode(batch: Batch): EncodedRows {
    const rows = this.#rows.encode(batch);
    const out = new TextWriter();
    const starts = new Int32Array(batch.rowCount);
    const ends = new Int32Array(batch.rowCount);
    for (let row = 0; row < batch.rowCount; row++) {
      const { prefix, suffix } = batch.weights !== null && batch.weights[row]! < 0 ? this.#taken : this.#put;
      starts[row] = out.length;
      out.bytes(prefix, 0, prefix.length);
      out.bytes(rows.data, rows.starts[row]!, rows.ends[row]!);
      out.bytes(suffix, 0, suffix.length);
      ends[row] = out.length;
    }
    return { data: out.finish(), starts, ends };
  }
}

function frame(text: { readonly prefix: string; readonly suffix: string }): Frame {
  const encoder = new TextEncoder();
  return { prefix: encoder.encode(text.prefix), suffix: encoder.encode(text.suffix) };
}
