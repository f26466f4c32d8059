import { SqlError, SqlState, toSqlError } from '../../base/index.ts';
import type { DecodedBatch, DecodeField, Decoder, EncodedMessages } from '../../spi/index.ts';
import { applyTypeModifier, decodeUtf8, parseDatum } from '../../types/index.ts';
import { DecodedTail, DecodeTarget, joinTail } from '../decode-target.ts';
import { type MessageRows, messageRows, withoutFailures } from '../decoded-rows.ts';
import { isSqlText } from '../sql-text.ts';
import type { CsvDialect } from './csv-options.ts';
import { CsvRecord } from './csv-record.ts';

interface Reading {
  readonly targets: readonly DecodeTarget[];
  readonly tail: DecodedTail;
}

/** CSV records to columns, field i to column i. */
export class CsvDecoder implements Decoder {
  readonly #fields: readonly DecodeField[];
  readonly #dialect: CsvDialect;
  readonly #record: CsvRecord;

  constructor(fields: readonly DecodeField[], dialect: CsvDialect) {
    this.#fields = fields;
    this.#dialect = dialect;
    this.#record = new CsvRecord(dialect);
  }

  decode(messages: EncodedMessages): DecodedBatch {
    const rows = messageRows(messages);
    const tail = new DecodedTail();
    const targets = this.#fields.map((field) => new DecodeTarget(field.type, { rowCount: rows.count }));
    const failures: { row: number; reason: string | null }[] = [];
    for (let row = 0; row < rows.count; row++) {
      const reason = this.#readRow(rows, row, { targets, tail });
      if (reason !== 'read') failures.push({ row, reason: this.#dialect.ignoreParseErrors && reason.ignorable ? null : reason.text });
    }
    const source = joinTail(tail, rows);
    const columns = targets.filter((_, index) => this.#fields[index]!.wanted).map((target) => target.finish(source));
    return withoutFailures(rows, columns, failures);
  }

  #readRow({ data, starts, ends }: MessageRows, row: number, into: Reading): 'read' | { text: string; ignorable: boolean } {
    const reason = this.#record.split(data, starts[row]!, ends[row]!);
    if (reason !== null) return { text: reason, ignorable: true };
    if (this.#record.count > this.#fields.length) return { text: 'extra data after last expected column', ignorable: true };
    for (let index = 0; index < this.#fields.length; index++) {
      const field = this.#fields[index]!;
      const name = field.path.join('.');
      if (index >= this.#record.count) return { text: `missing data for column "${name}"`, ignorable: true };
      try {
        this.#readField(data, row, { index, ...into });
      } catch (error) {
        if (!this.#dialect.ignoreParseErrors) return { text: `column "${name}": ${toSqlError(error).message}`, ignorable: true };
        into.targets[index]!.setNull(row);
      }
      if (!field.nullable && into.targets[index]!.isNull(row)) {
        return { text: `null value in column "${name}" violates not-null constraint`, ignorable: false };
      }
    }
    return 'read';
  }

  #readField(data: Uint8Array, row: number, { index, targets, tail }: Reading & { index: number }): void {
    const record = this.#record;
    const target = targets[index]!;
    const bytes = record.fieldBytes(data, index);
    if (!record.quoted[index] && this.#isNullLiteral(bytes)) {
      target.setNull(row);
      return;
    }
    if (target.type.kind === 'text' && isSqlText(bytes)) {
      if (record.escaped[index]) target.setBytes(row, bytes, tail);
      else target.setRange(row, record.starts[index]!, record.ends[index]!);
      return;
    }
    target.set(row, applyTypeModifier(target.type, parseDatum(target.type, checkedText(bytes)), false), tail);
  }

  #isNullLiteral(bytes: Uint8Array): boolean {
    const { nullLiteral } = this.#dialect;
    return nullLiteral === '' ? bytes.length === 0 : bytes.length <= nullLiteral.length * 3 && decodeUtf8(bytes) === nullLiteral;
  }
}

function checkedText(bytes: Uint8Array): string {
  if (!isSqlText(bytes)) throw new SqlError({ code: SqlState.characterNotInRepertoire, message: 'invalid byte sequence for encoding "UTF8"' });
  return decodeUtf8(bytes);
}
