import { ascendingRows, type Column, columnFromDatums, copyBytesColumn, gatherColumn } from '../../batch/index.ts';
import type { DecodeField, Decoder, OperatorEnvironment, SourceChunk, TakenRows } from '../../spi/index.ts';
import type { Slot } from './field-slots.ts';
import { metadataColumn } from './metadata-column.ts';
import { type DecodedKeys, RowKeyDecoder } from './row-key-decoder.ts';
import { type SourceSpec, sourceColumn } from './spec.ts';

/** Rows of a chunk, each column a slot. */
export interface SlotRows {
  readonly rowCount: number;
  /** Row of the chunk each row comes from, ascending. */
  readonly chunkRows: Int32Array;
  readonly columns: readonly Column[];
}

export interface ChunkFailure {
  readonly chunkRow: number;
  readonly reason: string;
}

/** What a chunk says: rows to add or put, and rows that have gone, of which only the primary key has values. */
export interface ChunkSlots {
  readonly rows: SlotRows;
  readonly taken: SlotRows | null;
}

/** Fills slots from a chunk: from the value, from the key, from metadata. */
export class ChunkSlotReader {
  readonly #spec: SourceSpec;
  readonly #slots: readonly Slot[];
  readonly #decoder: Decoder | null;
  /** Position among the columns decoded from the value, or -1, for each slot. */
  readonly #decodedIndex: readonly number[];
  /** Position among the columns decoded from the key, or -1, for each slot. */
  readonly #keyIndex: readonly number[];
  readonly #keys: RowKeyDecoder | null;
  /** A message may be several rows, or one that has gone. */
  readonly #changes: boolean;

  constructor(spec: SourceSpec, slots: readonly Slot[], environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#slots = slots;
    const fromValue = slots.filter((slot) => isInValue(spec, slot.column));
    this.#decodedIndex = slots.map((slot) => fromValue.indexOf(slot));
    this.#keyIndex = slots.map((slot) => (slot.path.length === 0 ? (spec.key?.columns.indexOf(slot.column) ?? -1) : -1));
    this.#decoder = spec.format === null ? null : createDecoder(spec, fromValue, environment);
    this.#changes = spec.format !== null && environment.formats.get(spec.format)!.changelogMode !== 'append';
    // Change events say themselves what has gone; a message without a value is only a mark for compaction there.
    this.#keys = spec.key === null || this.#changes ? null : new RowKeyDecoder(spec, environment);
  }

  read(chunk: SourceChunk, failures: ChunkFailure[]): ChunkSlots {
    const decoded = this.#decoder === null || chunk.messages === null ? null : this.#decoder.decode(chunk.messages);
    for (const failure of decoded?.failures ?? []) failures.push({ chunkRow: failure.message, reason: failure.reason });
    const keys = this.#keys?.decode(chunk) ?? null;
    for (const failure of keys?.failures ?? []) failures.push({ chunkRow: failure.message, reason: `key: ${failure.reason}` });
    const rowCount = decoded?.rowCount ?? chunk.rowCount;
    const chunkRows = decoded?.messageOf ?? ascendingRows(rowCount);
    const all = { rowCount, chunkRows, columns: decoded?.columns ?? null };
    const rows = keys === null || this.#spec.key!.inValue ? this.#fill(chunk, all, keys) : this.#withKeys(chunk, all, { keys, failures });
    const taken = decoded?.taken ?? null;
    return {
      rows,
      taken: taken === null ? this.#tombstones(chunk, keys, failures) : this.#fill(chunk, { ...taken, chunkRows: taken.messageOf }, null),
    };
  }

  /** Rows whose key columns are in the message key; those without a readable one are bad. */
  #withKeys(chunk: SourceChunk, values: ValueRows, found: { readonly keys: DecodedKeys; readonly failures: ChunkFailure[] }): SlotRows {
    const { keys, failures } = found;
    const missing = noteMissingKeys(chunk, values.chunkRows.subarray(0, values.rowCount), found);
    if (!missing) return this.#fill(chunk, values, keys);
    const kept = ascendingRows(values.rowCount).filter((row) => keys.rowOf[values.chunkRows[row]!]! >= 0);
    failures.sort((left, right) => left.chunkRow - right.chunkRow);
    const rows = {
      rowCount: kept.length,
      chunkRows: kept.map((row) => values.chunkRows[row]!),
      columns: values.columns?.map((column) => gatherColumn(column, kept, kept.length)) ?? null,
    };
    return this.#fill(chunk, rows, keys);
  }

  #fill(chunk: SourceChunk, rows: ValueRows, keys: DecodedKeys | null): SlotRows {
    const { rowCount, chunkRows } = rows;
    const whole = rowCount === chunk.rowCount && !this.#changes;
    const columns = this.#slots.map((slot, index) => {
      const origin = sourceColumn(this.#spec, slot.column).origin;
      if (origin.kind === 'metadata') {
        const column = metadataColumn(chunk, origin.key, slot.type);
        return ownColumn(whole ? column : gatherColumn(column, chunkRows, rowCount), rowCount, chunk);
      }
      if (this.#decodedIndex[index]! < 0) return keyColumn(chunk, keys!, { index: this.#keyIndex[index]!, rows });
      if (rows.columns === null) return chunk.columns![this.#chunkIndex(slot.column)]!;
      return ownColumn(rows.columns[this.#decodedIndex[index]!]!, rowCount, chunk);
    });
    return { rowCount, chunkRows, columns };
  }

  /** Messages without a value, where they take a row away. */
  #tombstones(chunk: SourceChunk, keys: DecodedKeys | null, failures: ChunkFailure[]): SlotRows | null {
    const { messages } = chunk;
    const { changesOf, key } = this.#spec;
    if (changesOf === null || messages === null || key === null) return null;
    const without = ascendingRows(chunk.rowCount).filter((row) => messages.starts[row]! < 0 && messages.skip?.[row] !== 1);
    if (without.length === 0 || keys === null) return null;
    const before = failures.length;
    const chunkRows = noteMissingKeys(chunk, without, { keys, failures }) ? without.filter((row) => keys.rowOf[row]! >= 0) : without;
    if (failures.length > before) failures.sort((left, right) => left.chunkRow - right.chunkRow);
    const rows = { rowCount: chunkRows.length, chunkRows, columns: null };
    const columns = this.#slots.map((slot, index) => {
      if (this.#keyIndex[index]! >= 0) return keyColumn(chunk, keys, { index: this.#keyIndex[index]!, rows });
      const origin = sourceColumn(this.#spec, slot.column).origin;
      if (origin.kind === 'metadata' && changesOf.includes(slot.column))
        return ownColumn(gatherColumn(metadataColumn(chunk, origin.key, slot.type), chunkRows, rows.rowCount), rows.rowCount, chunk);
      return nulls(slot.type, rows.rowCount);
    });
    return { rowCount: rows.rowCount, chunkRows, columns };
  }

  /** Where a chunk of columns has it: the log keeps all columns of a row, a connector brings the physical ones. */
  #chunkIndex(column: number): number {
    if (this.#spec.connector === null) return column;
    let index = 0;
    for (let earlier = 0; earlier < column; earlier++) {
      if (this.#spec.columns[earlier]!.origin.kind === 'physical') index++;
    }
    return index;
  }
}

interface ValueRows {
  readonly rowCount: number;
  readonly chunkRows: Int32Array;
  /** Columns decoded from the values; null where the chunk came as columns. */
  readonly columns: TakenRows['columns'] | null;
}

/** A column of NULLs. */
export function nulls(type: DecodeField['type'], rowCount: number): Column {
  return columnFromDatums(type, new Array<null>(rowCount).fill(null));
}

/** True when some of the rows have no key that could be read; those without any are noted. */
function noteMissingKeys(
  { keys: messages }: SourceChunk,
  chunkRows: Int32Array,
  found: { readonly keys: DecodedKeys; readonly failures: ChunkFailure[] },
): boolean {
  let missing = false;
  for (const chunkRow of chunkRows) {
    if (found.keys.rowOf[chunkRow]! >= 0) continue;
    missing = true;
    if (messages === null || messages.starts[chunkRow]! < 0) found.failures.push({ chunkRow, reason: 'the message has no key' });
  }
  return missing;
}

function keyColumn(chunk: SourceChunk, keys: DecodedKeys, of: { readonly index: number; readonly rows: ValueRows }): Column {
  const { rowCount, chunkRows } = of.rows;
  const rows = chunkRows.subarray(0, rowCount).map((row) => keys.rowOf[row]!);
  return ownColumn(gatherColumn(keys.columns[of.index]!, rows, rowCount), rowCount, chunk);
}

/** Batches are immutable once emitted, so none may refer to messages that are written over. */
function ownColumn(column: Column, rowCount: number, { messages }: SourceChunk): Column {
  if (messages?.reused !== true || column.storage !== 'bytes' || column.data.buffer !== messages.data.buffer) return column;
  return copyBytesColumn(column, rowCount);
}

function isInValue(spec: SourceSpec, column: number): boolean {
  return sourceColumn(spec, column).origin.kind === 'physical' && (spec.key === null || spec.key.inValue || !spec.key.columns.includes(column));
}

/** One field for each slot in the slots' order, and one that only validates for each column of the value that is not read as a whole. */
function createDecoder(spec: SourceSpec, slots: readonly Slot[], environment: OperatorEnvironment): Decoder {
  const format = environment.formats.get(spec.format!);
  if (format === undefined) throw new Error(`assertion failed: format "${spec.format}" is not registered`);
  const isKey = (column: number): boolean => spec.changesOf?.includes(column) ?? false;
  const inValue = [...spec.columns.keys()].filter((column) => isInValue(spec, column));
  const wanted = slots.map((slot): DecodeField => {
    const column = sourceColumn(spec, slot.column);
    const path = [column.externalName];
    let type = column.type;
    for (const index of slot.path) {
      if (type.kind !== 'row') throw new Error('assertion failed: a path leads through row values');
      path.push(type.fields[index]!.name);
      type = type.fields[index]!.type;
    }
    const part = slot.path.length > 0;
    return { path, type, nullable: part || column.nullable, wanted: true, position: inValue.indexOf(slot.column), key: !part && isKey(slot.column) };
  });
  const checked = inValue.flatMap((index, position): DecodeField[] => {
    if (slots.some((slot) => slot.column === index && slot.path.length === 0)) return [];
    const { externalName, type, nullable } = sourceColumn(spec, index);
    return [{ path: [externalName], type, nullable, wanted: false, position, key: isKey(index) }];
  });
  return format.createDecoder([...wanted, ...checked], spec.options);
}
