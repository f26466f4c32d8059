import { toSqlError } from '../../base/index.ts';
import type { DecodedBatch, DecodeField, Decoder, EncodedMessages } from '../../spi/index.ts';
import { applyTypeModifier, decodeUtf8, parseDatum } from '../../types/index.ts';
import { DecodedTail, DecodeTarget, joinTail } from '../decode-target.ts';
import { type MessageRows, messageRows, withoutFailures } from '../decoded-rows.ts';
import { isSqlText } from '../sql-text.ts';

export class RawDecoder implements Decoder {
  readonly #field: DecodeField;

  constructor(field: DecodeField) {
    this.#field = field;
  }

  decode(messages: EncodedMessages): DecodedBatch {
    const rows = messageRows(messages);
    const target = new DecodeTarget(this.#field.type, { rowCount: rows.count });
    const tail = new DecodedTail();
    const failures: { row: number; reason: string }[] = [];
    for (let row = 0; row < rows.count; row++) {
      const reason = this.#readRow(rows, row, { target, tail });
      if (reason !== null) failures.push({ row, reason });
    }
    const columns = this.#field.wanted ? [target.finish(joinTail(tail, rows))] : [];
    return withoutFailures(rows, columns, failures);
  }

  #readRow({ data, starts, ends }: MessageRows, row: number, into: { target: DecodeTarget; tail: DecodedTail }): string | null {
    const start = starts[row]!;
    const end = ends[row]!;
    const { type, path } = this.#field;
    if (type.kind === 'bytea') {
      into.target.setRange(row, start, end);
      return null;
    }
    if (!isSqlText(data.subarray(start, end))) return `column "${path.join('.')}": invalid byte sequence for encoding "UTF8"`;
    if (type.kind === 'text') {
      into.target.setRange(row, start, end);
      return null;
    }
    try {
      into.target.set(row, applyTypeModifier(type, parseDatum(type, decodeUtf8(data, start, end)), false), into.tail);
      return null;
    } catch (error) {
      return `column "${path.join('.')}": ${toSqlError(error).message}`;
    }
  }
}
