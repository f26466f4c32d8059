import { SqlError, SqlState, toSqlError } from '../../../base/index.ts';
import { BATCH_ROWS_TARGET, type Batch, BatchBuilder } from '../../../batch/index.ts';
import { applyTypeModifier, type Datum, parseDatum } from '../../../types/index.ts';
import { decodeUtf8 } from '../payload-reader.ts';
import type { CopyFormat, ResultField } from '../session-contract.ts';
import { CsvRecordReader } from './csv-record-reader.ts';
import { TextRecordReader } from './text-record-reader.ts';

/** One field of a record: its bytes after unescaping; null is NULL. */
export type CopyField = Uint8Array | null;

/** Cuts bytes into records. */
export interface RecordReader {
  /** Complete records in what has arrived so far; `last` also gives the unfinished one. */
  read(bytes: Uint8Array, last: boolean): Iterable<CopyField[]>;
  /** 1-based line the last record began on. */
  readonly line: number;
  /** The end-of-data marker was seen; the rest is ignored. */
  readonly ended: boolean;
}

interface CopyTarget {
  readonly relationName: string;
  readonly fields: readonly ResultField[];
  readonly format: CopyFormat;
}

/** Bytes of COPY FROM to batches. Errors carry PostgreSQL's context line: relation, line, column, value. */
export class CopyDecoder {
  readonly #target: CopyTarget;
  readonly #timeZone: string;
  readonly #reader: RecordReader;
  readonly #builder: BatchBuilder;
  #headerPending: boolean;
  #pendingLines: number[] = [];
  #lines: readonly number[] = [];

  constructor(target: CopyTarget, timeZone: string) {
    this.#timeZone = timeZone;
    this.#target = target;
    this.#reader = target.format.format === 'csv' ? new CsvRecordReader(target.format) : new TextRecordReader(target.format);
    this.#builder = new BatchBuilder(target.fields.map((field) => field.type));
    this.#headerPending = target.format.header !== false;
  }

  /** The line each row of the batch given last came from. */
  get lines(): readonly number[] {
    return this.#lines;
  }

  /** Full batches; a rest of rows waits for more. */
  push(bytes: Uint8Array): Iterable<Batch> {
    return this.#batches(bytes, false);
  }

  /** The rows that are left. */
  finish(): Iterable<Batch> {
    return this.#batches(new Uint8Array(0), true);
  }

  *#batches(bytes: Uint8Array, last: boolean): Iterable<Batch> {
    for (const record of this.#records(bytes, last)) {
      if (this.#headerPending) {
        this.#headerPending = false;
        if (this.#target.format.header === 'match') this.#checkHeader(record);
        continue;
      }
      this.#builder.appendRow(this.#decodeRecord(record));
      this.#pendingLines.push(this.#reader.line);
      if (this.#builder.rowCount >= BATCH_ROWS_TARGET) yield this.#finishBatch();
    }
    if (last && this.#builder.rowCount > 0) yield this.#finishBatch();
  }

  #finishBatch(): Batch {
    this.#lines = this.#pendingLines;
    this.#pendingLines = [];
    return this.#builder.finish();
  }

  *#records(bytes: Uint8Array, last: boolean): Iterable<CopyField[]> {
    try {
      yield* this.#reader.read(bytes, last);
    } catch (error) {
      const problem = toSqlError(error);
      throw problem.where === undefined ? problem.with({ where: this.#where() }) : problem;
    }
  }

  #decodeRecord(record: CopyField[]): (Datum | null)[] {
    const { fields } = this.#target;
    if (record.length > fields.length) throw this.#error('extra data after last expected column');
    return fields.map((field, index) => {
      const bytes = record[index];
      if (bytes === undefined) throw this.#error(`missing data for column "${field.name}"`);
      return bytes === null ? null : this.#decodeField(bytes, field);
    });
  }

  #decodeField(bytes: Uint8Array, field: ResultField): Datum {
    try {
      return applyTypeModifier(field.type, parseDatum(field.type, decodeUtf8(bytes), { timeZone: this.#timeZone }), false);
    } catch (error) {
      const value = lenientDecoder.decode(bytes.subarray(0, 100));
      throw toSqlError(error).with({ where: `${this.#where()}, column ${field.name}: "${value}"` });
    }
  }

  #checkHeader(record: CopyField[]): void {
    const { fields } = this.#target;
    if (record.length !== fields.length) {
      throw this.#error(`wrong number of fields in header line: got ${record.length}, expected ${fields.length}`);
    }
    fields.forEach((field, index) => {
      const name = record[index] == null ? '' : decodeUtf8(record[index]);
      if (name !== field.name) {
        throw this.#error(`column name mismatch in header line field ${index + 1}: got "${name}", expected "${field.name}"`);
      }
    });
  }

  #error(message: string): SqlError {
    return new SqlError({ code: SqlState.badCopyFileFormat, message, where: this.#where() });
  }

  #where(): string {
    return `COPY ${this.#target.relationName}, line ${this.#reader.line}`;
  }
}

const lenientDecoder = new TextDecoder();
