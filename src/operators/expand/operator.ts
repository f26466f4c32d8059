import { Batch, BytesColumn, type Column, FixedColumn } from '../../batch/index.ts';
import type { Operator, OperatorFactory, Output } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { type ExpandSpec, expandSpecCodec } from './spec.ts';

const setType: SqlType = { kind: 'int4' };

/** Columns are shared between the copies of a batch; only those a set leaves out are made. */
class Expand implements Operator {
  readonly #spec: ExpandSpec;

  constructor(spec: ExpandSpec) {
    this.#spec = spec;
  }

  processBatch(_input: number, batch: Batch, out: Output): void {
    const { keyCount, sets } = this.#spec;
    const { rowCount, columns, weights } = batch;
    if (rowCount === 0) return;
    const keys = columns.slice(0, keyCount);
    const others = columns.slice(keyCount);
    const missing = keys.map((key, index) => (sets.every((set) => set.includes(index)) ? key : nullColumn(key, rowCount)));
    sets.forEach((set, number) => {
      const shown = keys.map((key, index) => (set.includes(index) ? key : missing[index]!));
      out.emit(new Batch(rowCount, [...shown, numberColumn(number, rowCount), ...others], weights));
    });
  }
}

function nullColumn({ type, storage }: Column, rowCount: number): Column {
  const valid = new Uint8Array(rowCount);
  if (storage !== 'bytes') return new FixedColumn(type, new Float64Array(rowCount), valid);
  const positions = new Int32Array(rowCount);
  return new BytesColumn(type, { data: new Uint8Array(0), starts: positions, ends: positions, valid });
}

function numberColumn(value: number, rowCount: number): FixedColumn {
  const column = new FixedColumn(setType, new Float64Array(rowCount), null);
  for (let row = 0; row < rowCount; row++) column.i32[2 * row] = value;
  return column;
}

export const expandFactory: OperatorFactory = {
  kind: expandSpecCodec.kind,
  version: expandSpecCodec.version,
  create: (parameters) => new Expand(expandSpecCodec.decode(parameters)),
};
