import type { Column } from '../../batch/index.ts';
import type { DecodedBatch, Decoder, OperatorEnvironment, SourceChunk } from '../../spi/index.ts';
import type { SourceSpec } from './spec.ts';

/** The columns of some message keys, in the order of the spec's key columns. */
export interface DecodedKeys {
  /** Row among the columns for each row of the chunk, or -1: no key, a bad one, or one that was not looked at. */
  readonly rowOf: Int32Array;
  readonly columns: readonly Column[];
  readonly failures: DecodedBatch['failures'];
}

/** Reads the columns of a relation that lie in the message key. */
export class RowKeyDecoder {
  /** Null: no column is in the key, which is only looked at for being there. */
  readonly #decoder: Decoder | null;
  readonly #inValue: boolean;

  constructor(spec: SourceSpec, environment: OperatorEnvironment) {
    const key = spec.key!;
    const format = environment.formats.get(key.format);
    if (format === undefined) throw new Error(`assertion failed: format "${key.format}" is not registered`);
    const fields = key.columns.map((index) => {
      const { externalName, type, nullable } = spec.columns[index]!;
      return { path: [externalName], type, nullable, wanted: true };
    });
    this.#decoder = fields.length === 0 ? null : format.createDecoder(fields, spec.options);
    this.#inValue = key.inValue;
  }

  decode({ keys, messages, rowCount }: SourceChunk): DecodedKeys {
    const rowOf = new Int32Array(rowCount).fill(-1);
    if (keys === null) return { rowOf, columns: [], failures: [] };
    if (this.#decoder === null) return { rowOf: rowOf.map((_, row) => (keys.starts[row]! < 0 ? -1 : row)), columns: [], failures: [] };
    const skip = this.#inValue && messages !== null ? messages.starts.subarray(0, rowCount).map((start) => (start < 0 ? 0 : 1)) : undefined;
    const decoded = this.#decoder.decode({ ...keys, skip: skip === undefined ? keys.skip : Uint8Array.from(skip) });
    for (let row = 0; row < decoded.rowCount; row++) rowOf[decoded.messageOf[row]!] = row;
    return { rowOf, columns: decoded.columns, failures: decoded.failures };
  }
}
