import { toSqlError } from '../../base/index.ts';
import { JsonReader, type JsonScanField, type JsonScanKind, JsonScanner, type JsonScanResult, jsonStringBytes } from '../../batch/index.ts';
import type { DecodedBatch, DecodeField, Decoder, EncodedMessages } from '../../spi/index.ts';
import { hasModifier, type SqlType } from '../../types/index.ts';
import { DecodedTail, DecodeTarget, joinTail } from '../decode-target.ts';
import { type MessageRows, messageRows, withoutFailures } from '../decoded-rows.ts';
import { checkedLeaves } from './checked-leaves.ts';
import type { JsonDecodeOptions } from './json-options.ts';
import { jsonTokenDatum } from './json-value.ts';

/** `kernel`: the compiled scan with the reader for what it hands back. `reader`: its TypeScript twin for every message; slow, the same answers. */
type JsonDecoderEngine = 'kernel' | 'reader';

const MISSING = -1;
const QUOTE = 0x22;
const NO_TEXT = new Uint8Array(0);

/**
 * JSON objects to columns. Most rows are finished by the scan; a row with anything unusual is read by JsonReader, whose verdict is the only one
 * that makes a row bad, so both engines give the same reasons.
 */
export class JsonDecoder implements Decoder {
  readonly #fields: readonly DecodeField[];
  readonly #options: JsonDecodeOptions;
  readonly #engine: JsonDecoderEngine;
  #scanner: JsonScanner | null = null;
  readonly #reader: JsonReader;

  constructor(fields: readonly DecodeField[], options: JsonDecodeOptions, engine: JsonDecoderEngine = 'kernel') {
    this.#fields = options.failOnMissingField || options.ignoreParseErrors ? fields : checkedLeaves(fields);
    this.#options = options;
    this.#engine = engine;
    this.#reader = new JsonReader(this.#fields.map((field) => field.path));
  }

  decode(messages: EncodedMessages): DecodedBatch {
    const rows = messageRows(messages);
    const tail = new DecodedTail();
    const scanned = this.#scan(rows);
    const targets = this.#fields.map(
      (field, index) => new DecodeTarget(field.type, { rowCount: rows.count, kept: isKept(field), from: scanned?.columns[index] }),
    );
    const slow = new Uint8Array(rows.count);
    if (scanned === null) slow.fill(1);
    else this.#finishScan(rows, scanned, { targets, tail, slow });
    const failures: { row: number; reason: string | null }[] = [];
    for (let row = slow.indexOf(1); row >= 0; row = slow.indexOf(1, row + 1)) {
      const reason = this.#readRow(rows, row, { targets, tail });
      if (reason !== 'read') failures.push({ row, reason: this.#options.ignoreParseErrors && reason.ignorable ? null : reason.text });
    }
    const text = scanned?.text ?? NO_TEXT;
    const source = joinTail(tail, { data: text, first: 0, last: text.length });
    const columns = targets.filter((_, index) => this.#fields[index]!.wanted).map((target) => target.finish(source));
    return withoutFailures(rows, columns, failures);
  }

  /** The scan has a memory of its own, which a source without messages never needs. Null: the reader does it all. */
  #scan(rows: MessageRows): JsonScanResult | null {
    if (this.#engine === 'reader') return null;
    this.#scanner ??= new JsonScanner(this.#fields.map(scanField));
    return this.#scanner.scan(rows);
  }

  /** Converts deferred values and marks the rows the scan alone cannot vouch for. */
  #finishScan(rows: MessageRows, scanned: JsonScanResult, into: { targets: readonly DecodeTarget[]; tail: DecodedTail; slow: Uint8Array }): void {
    const { targets, tail, slow } = into;
    for (const row of scanned.slowRows) slow[row] = 1;
    const { deferred } = scanned;
    for (let at = 0; at < deferred.length; at += 4) {
      const row = deferred[at]!;
      if (slow[row] === 1) continue;
      const field = deferred[at + 1]!;
      const token = { data: rows.data, start: deferred[at + 2]!, end: deferred[at + 3]! };
      try {
        setToken(targets[field]!, row, token, tail);
      } catch {
        slow[row] = 1;
      }
    }
    for (let field = 0; field < targets.length; field++) {
      const target = targets[field]!;
      const { nullable, type } = this.#fields[field]!;
      if (target.valid !== null && (!nullable || this.#options.failOnMissingField)) markNulls(target.valid, rows.count, slow);
      if (type.kind === 'varchar' && type.length !== null) markLong(target, type.length, slow);
    }
  }

  #readRow(
    rows: MessageRows,
    row: number,
    into: { targets: readonly DecodeTarget[]; tail: DecodedTail },
  ): 'read' | { text: string; ignorable: boolean } {
    const { data } = rows;
    const reason = this.#reader.read(data, rows.starts[row]!, rows.ends[row]!);
    if (reason !== null) return { text: reason, ignorable: true };
    const { starts, ends } = this.#reader.tokens;
    for (let field = 0; field < this.#fields.length; field++) {
      const { path, nullable } = this.#fields[field]!;
      const target = into.targets[field]!;
      const start = starts[field]!;
      if (start === MISSING && this.#options.failOnMissingField) return { text: `column "${path.join('.')}": the key is missing`, ignorable: false };
      try {
        if (start < 0) target.setNull(row);
        else setToken(target, row, { data, start, end: ends[field]! }, into.tail);
      } catch (error) {
        if (!this.#options.ignoreParseErrors) return { text: `column "${path.join('.')}": ${toSqlError(error).message}`, ignorable: true };
        target.setNull(row);
      }
      if (!nullable && target.isNull(row)) {
        return { text: `null value in column "${path.join('.')}" violates not-null constraint`, ignorable: false };
      }
    }
    return 'read';
  }
}

function setToken(target: DecodeTarget, row: number, token: { data: Uint8Array; start: number; end: number }, tail: DecodedTail): void {
  const { data, start, end } = token;
  if (scanKind(target.type) === 'text' && !hasModifier(target.type) && data[start] === QUOTE) {
    const bytes = jsonStringBytes(data, start + 1, end - 1);
    if (typeof bytes !== 'string') {
      if (target.kept) target.setBytes(row, bytes, tail);
      return;
    }
  }
  target.set(row, jsonTokenDatum(target.type, token), tail);
}

function markNulls(valid: Uint8Array, rowCount: number, slow: Uint8Array): void {
  for (let row = 0; row < rowCount; row++) if (valid[row] !== 1) slow[row] = 1;
}

/** Characters are never more than bytes, so only texts with many bytes need counting. */
function markLong(target: DecodeTarget, charactersMax: number, slow: Uint8Array): void {
  for (let row = 0; row < slow.length; row++) if (Math.abs(target.ends[row]! - target.starts[row]!) > charactersMax) slow[row] = 1;
}

function scanField(field: DecodeField): JsonScanField {
  const { type } = field;
  const precision = type.kind === 'timestamp' || type.kind === 'timestamptz' ? type.precision : 0;
  const unkept = field.nullable ? 'nothing' : 'presence';
  return { path: field.path, kind: scanKind(type), precision, output: isKept(field) ? 'values' : unkept };
}

/** Values of a field that is only checked are not stored, unless a check over the column needs them (the length of a varchar). */
function isKept(field: DecodeField): boolean {
  return field.wanted || (field.type.kind === 'varchar' && field.type.length !== null);
}

function scanKind(type: SqlType): JsonScanKind {
  switch (type.kind) {
    case 'int8':
    case 'int4':
    case 'int2':
    case 'float8':
    case 'float4':
    case 'bool':
    case 'date':
      return type.kind;
    case 'timestamp':
    case 'timestamptz':
      return 'timestamp';
    case 'text':
    case 'varchar':
      return 'text';
    default:
      return 'raw';
  }
}
