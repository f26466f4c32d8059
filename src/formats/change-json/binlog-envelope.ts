import { JsonReader, jsonValueEnd, skipJsonSpace } from '../../batch/index.ts';
import { decodeUtf8 } from '../../types/index.ts';
import type { ChangeDialect, ChangeEnvelope, ChangeMessage } from './change-envelope.ts';
import { ImageKeys } from './key-of-image.ts';
import type { RowImages } from './row-images.ts';

interface Range {
  readonly start: number;
  readonly end: number;
}

const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
const COMMA = 0x2c;
const COMMA_BYTES = Uint8Array.of(COMMA);

/**
 * Canal and Maxwell: `{"type", "data", "old"}`, where `data` is the row and `old` has what an update changed in it. Canal's are arrays of such rows.
 * Events of the schema and marks of a snapshot's beginning and end concern no row.
 */
class BinlogEnvelope implements ChangeEnvelope {
  readonly #reader = new JsonReader([['type'], ['data'], ['old']]);
  readonly #keys: ImageKeys;

  constructor(key: readonly string[]) {
    this.#keys = new ImageKeys(key);
  }

  read(change: ChangeMessage, images: RowImages): string | null {
    const { data } = change;
    const reason = this.#reader.read(data, change.start, change.end);
    if (reason !== null) return reason;
    const { starts, ends } = this.#reader.tokens;
    if (starts[0]! < 0) return 'the change event has no "type"';
    const type = decodeUtf8(data, starts[0]!, ends[0]!);
    const effect = effectOf(type);
    if (effect === 'nothing') return null;
    if (effect === 'unknown') return `the change event has the unknown "type" ${type}`;
    const rows = starts[1]! < 0 ? [] : rowsIn(data, { start: starts[1]!, end: ends[1]! });
    if (rows.length === 0 || rows.some((row) => data[row.start] !== OPEN_OBJECT)) return `the change event ${type} has no row in "data"`;
    const old = effect === 'update' && starts[2]! >= 0 ? rowsIn(data, { start: starts[2]!, end: ends[2]! }) : [];
    rows.forEach((row, index) => this.#addRow(change, { effect, row, old: old[index] ?? null }, images));
    return null;
  }

  #addRow({ message, data }: ChangeMessage, one: { effect: 'put' | 'update' | 'take'; row: Range; old: Range | null }, images: RowImages): void {
    const { effect, row, old } = one;
    if (effect === 'take') {
      images.addTaken(message, [data.subarray(row.start, row.end)]);
      return;
    }
    // The row as it was: of two members with one name the last one counts.
    if (old !== null && this.#keys.differ(data, old, row))
      images.addTaken(message, [data.subarray(row.start, row.end - 1), COMMA_BYTES, data.subarray(old.start + 1, old.end)]);
    images.addPut(message, row.start, row.end);
  }
}

function effectOf(type: string): 'put' | 'update' | 'take' | 'nothing' | 'unknown' {
  switch (type.toUpperCase()) {
    case '"INSERT"':
    case '"BOOTSTRAP-INSERT"':
      return 'put';
    case '"UPDATE"':
      return 'update';
    case '"DELETE"':
      return 'take';
    case '"BOOTSTRAP-START"':
    case '"BOOTSTRAP-COMPLETE"':
    case '"CREATE"':
    case '"ALTER"':
    case '"CINDEX"':
    case '"DINDEX"':
    case '"QUERY"':
    case '"TABLE-CREATE"':
    case '"TABLE-ALTER"':
      return 'nothing';
    default:
      return 'unknown';
  }
}

/** The elements of an array, or the value itself. The bytes are valid JSON. */
function rowsIn(data: Uint8Array, value: Range): Range[] {
  if (data[value.start] !== OPEN_ARRAY) return [value];
  const rows: Range[] = [];
  for (let at = skipJsonSpace(data, value.start + 1, value.end); at < value.end - 1; ) {
    const end = jsonValueEnd(data, at, value.end);
    rows.push({ start: at, end });
    const next = skipJsonSpace(data, end, value.end);
    at = data[next] === COMMA ? skipJsonSpace(data, next + 1, value.end) : value.end;
  }
  return rows;
}

export const canal: ChangeDialect = {
  createEnvelope: (key) => new BinlogEnvelope(key),
  put: { prefix: '{"data":[', suffix: '],"type":"INSERT"}' },
  taken: { prefix: '{"data":[', suffix: '],"type":"DELETE"}' },
};

export const maxwell: ChangeDialect = {
  createEnvelope: (key) => new BinlogEnvelope(key),
  put: { prefix: '{"data":', suffix: ',"type":"insert"}' },
  taken: { prefix: '{"data":', suffix: ',"type":"delete"}' },
};
