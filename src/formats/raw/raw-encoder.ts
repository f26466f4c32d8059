import { type Batch, isNull, readDatum } from '../../batch/index.ts';
import type { EncodedRows, Encoder } from '../../spi/index.ts';
import { formatDatum } from '../../types/index.ts';
import { TextWriter } from '../text-writer.ts';

/** NULL becomes a null message: its range is [-1, -1). */
export class RawEncoder implements Encoder {
  encode(batch: Batch): EncodedRows {
    const out = new TextWriter();
    const starts = new Int32Array(batch.rowCount);
    const ends = new Int32Array(batch.rowCount);
    const column = batch.columns[0]!;
    const isVerbatim = column.type.kind === 'bytea' || column.type.kind === 'text' || column.type.kind === 'varchar';
    for (let row = 0; row < batch.rowCount; row++) {
      if (isNull(column, row)) {
        starts[row] = -1;
        ends[row] = -1;
        continue;
      }
      starts[row] = out.length;
      if (isVerbatim && column.storage === 'bytes') out.bytes(column.data, column.starts[row]!, column.ends[row]!);
      else out.text(formatDatum(column.type, readDatum(column, row)!));
      ends[row] = out.length;
    }
    return { data: out.finish(), starts, ends };
  }
}
