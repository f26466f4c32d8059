import { SqlError, SqlState, toSqlError } from '../../base/index.ts';
import type { DecodedBatch, DecodeField, Decoder, EncodedMessages } from '../../spi/index.ts';
import { applyTypeModifier, type Datum, decodeUtf8, parseDatum, type RowDatum, type SqlType } from '../../types/index.ts';
import { DecodedTail, DecodeTarget, joinTail } from '../decode-target.ts';
import { type MessageRows, messageRows, withoutFailures } from '../decoded-rows.ts';
import { isSqlText } from '../sql-text.ts';
import type { CsvDialect } from './csv-options.ts';
import { CsvRecord } from './csv-record.ts';

interface Reading {
  readonly targets: readonly DecodeTarget[];
  readonly tail: DecodedTail;
}

/** One field of the records. */
interface CsvColumn {
  /** Index of the decoded field that takes it whole. */
  readonly whole: number;
  /** Decoded fields that take a part of its row value. */
  readonly parts: readonly number[];
}

/** CSV records to columns, field i to the column that is declared in place i. */
export class CsvDecoder implements Decoder {
  readonly #fields: readonly DecodeField[];
  readonly #columns: readonly CsvColumn[];
  readonly #dialect: CsvDialect;
  readonly #record: CsvRecord;

  constructor(fields: readonly DecodeField[], dialect: CsvDialect) {
    this.#fields = fields;
    this.#columns = csvColumns(fields);
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
    if (this.#record.count > this.#columns.length) return { text: 'extra data after last expected column', ignorable: true };
    for (let index = 0; index < this.#columns.length; index++) {
      const { whole, parts } = this.#columns[index]!;
      const field = this.#fields[whole]!;
      const name = field.path.join('.');
      if (index >= this.#record.count) return { text: `missing data for column "${name}"`, ignorable: true };
      try {
        if (parts.length === 0) this.#readField(data, row, { index, target: into.targets[whole]!, tail: into.tail });
        else this.#readParts(data, row, { index, ...into });
      } catch (error) {
        if (!this.#dialect.ignoreParseErrors) return { text: `column "${name}": ${toSqlError(error).message}`, ignorable: true };
        for (const part of [whole, ...parts]) into.targets[part]!.setNull(row);
      }
      if (!field.nullable && into.targets[whole]!.isNull(row)) {
        return { text: `null value in column "${name}" violates not-null constraint`, ignorable: false };
      }
    }
    return 'read';
  }

  #readField(data: Uint8Array, row: number, { index, target, tail }: Pick<Reading, 'tail'> & { index: number; target: DecodeTarget }): void {
    const record = this.#record;
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
    target.set(row, datumOf(target.type, bytes), tail);
  }

  /** A row value of which parts are read: it is there as a whole only to be taken apart. */
  #readParts(data: Uint8Array, row: number, { index, targets, tail }: Reading & { index: number }): void {
    const { whole, parts } = this.#columns[index]!;
    const { type } = this.#fields[whole]!;
    const bytes = this.#record.fieldBytes(data, index);
    const value = !this.#record.quoted[index] && this.#isNullLiteral(bytes) ? null : datumOf(type, bytes);
    for (const field of [whole, ...parts]) {
      const part = partOf(value, type, this.#fields[field]!.path.slice(1));
      if (part === null) targets[field]!.setNull(row);
      else targets[field]!.set(row, part, tail);
    }
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

function datumOf(type: SqlType, bytes: Uint8Array): Datum {
  return applyTypeModifier(type, parseDatum(type, checkedText(bytes)), false);
}

function partOf(value: Datum | null, type: SqlType, path: readonly string[]): Datum | null {
  let part = value;
  let from = type;
  for (const name of path) {
    if (part === null || from.kind !== 'row') return null;
    const index = from.fields.findIndex((field) => field.name === name);
    part = (part as RowDatum).fields[index] ?? null;
    from = from.fields[index]!.type;
  }
  return part;
}

function csvColumns(fields: readonly DecodeField[]): readonly CsvColumn[] {
  const byPosition = new Map<number, { whole: number; parts: number[] }>();
  fields.forEach((field, index) => {
    const position = field.position ?? index;
    const column = byPosition.get(position) ?? { whole: -1, parts: [] };
    if (field.path.length === 1) column.whole = index;
    else column.parts.push(index);
    byPosition.set(position, column);
  });
  return [...byPosition].sort(([left], [right]) => left - right).map(([, column]) => column);
}
