import { SqlError, SqlState } from '../../base/index.ts';
import { Batch, batchFromRows, type FixedColumn, gatherBatch, readDatum } from '../../batch/index.ts';
import type { SetAside } from '../../jobgraph/index.ts';
import type {
  OperatorEnvironment,
  SourceChunk,
  SourceOperator,
  SourceOperatorFactory,
  SourceOutput,
  SourceReader,
  Split,
  SplitCut,
  SplitStatus,
  SplitVerdicts,
} from '../../spi/index.ts';
import { gatherChunk, sliceChunk } from './chunk-rows.ts';
import { DeadLetters } from './dead-letters.ts';
import { RowDecoder } from './row-decoder.ts';
import { type SourceSpec, sourceSpecCodec } from './spec.ts';
import { RowVerdict, type SourceRows, SplitProgress } from './split-progress.ts';

/** Bytes of a bad message kept. */
const BAD_BYTES_MAX = 4096;

/**
 * Reads a relation: chunks from the connector or the embedded log are decoded, bad and late rows set aside, the rest emitted. Owns the progress
 * of its splits, which is all of its state that matters: the epoch record brings it back.
 */
class Source implements SourceOperator {
  readonly #spec: SourceSpec;
  readonly #environment: OperatorEnvironment;
  readonly #reader: SourceReader;
  readonly #splits = new Map<string, SplitProgress>();
  readonly #ends = new Map<string, number | null>();
  readonly #bad: DeadLetters;
  readonly #late: DeadLetters;
  #decoder: RowDecoder;
  #fullDecoder: RowDecoder | null = null;
  #limits: ReadonlyMap<string, number> | null = null;
  /** Of the rows before the limits, if they have been judged before. */
  #known: ReadonlyMap<string, SplitVerdicts> | null = null;
  /** A chunk that reaches beyond a limit; its rest is read when the limit has gone. */
  #held: SourceChunk | null = null;
  #verdicts = new Uint8Array(0);
  #bytesRead = 0;

  constructor(spec: SourceSpec, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    this.#reader = createReader(spec, environment);
    this.#decoder = this.#createDecoder(spec.columns.map((_, index) => [index]));
    const limits = { bytesMax: spec.deadLetterBytesMax, ageMaxMs: spec.deadLetterAgeMaxMs, clock: environment.clock };
    this.#bad = new DeadLetters({
      name: 'bad rows by time',
      types: [{ kind: 'text' }, { kind: 'int8' }, { kind: 'text' }, { kind: 'bytea' }, { kind: 'timestamptz', precision: 6 }],
      keyColumns: [0, 1],
      ...limits,
    });
    const width = spec.columns.length;
    const time = spec.watermark === null ? ({ kind: 'timestamptz', precision: 6 } as const) : spec.columns[spec.watermark.column]!.type;
    this.#late = new DeadLetters({
      name: 'late rows by time',
      types: [...spec.columns.map((column) => column.type), { kind: 'text' }, { kind: 'int8' }, time],
      keyColumns: [width, width + 1],
      ...limits,
    });
    for (const [kind, rows] of [['bad', this.#bad] as const, ['late', this.#late] as const]) {
      environment.registerState(rows.state);
      environment.publishRelation(`${kind}:${spec.relation}`, rows);
    }
  }

  get watermarkDelayMicros(): bigint | null {
    return this.#spec.watermark?.delayMicros ?? null;
  }

  poll(rowsMax: number, out: SourceOutput): 'progress' | 'blocked' | 'finished' {
    const chunk = this.#nextChunk(rowsMax);
    if (chunk === null) return this.#allFinished() ? 'finished' : 'blocked';
    const progress = this.#splits.get(chunk.split);
    if (progress === undefined) throw new Error(`assertion failed: a chunk of split "${chunk.split}", which is not assigned`);
    this.#takeRows(this.#upToLimit(chunk, progress), progress, out);
    this.#sendAside('late', this.#late, out);
    this.#sendAside('bad', this.#bad, out);
    return 'progress';
  }

  assign(splits: readonly { readonly split: Split; readonly from: SplitCut }[]): void {
    for (const { split, from } of splits) {
      this.#splits.set(split.id, new SplitProgress(from));
      this.#ends.set(split.id, split.end);
      this.#reader.addSplit(split, from.position);
    }
  }

  cut(): readonly SplitCut[] {
    this.#noteFinished();
    return [...this.#splits.values()].map((progress) => progress.cut());
  }

  limit(positions: ReadonlyMap<string, number> | null, verdicts: ReadonlyMap<string, SplitVerdicts> | null): void {
    this.#limits = positions;
    this.#known = verdicts;
  }

  limitReached(): boolean {
    if (this.#limits === null) return false;
    for (const progress of this.#splits.values()) {
      const limit = this.#limits.get(progress.split);
      if (limit !== undefined && progress.position < limit) return false;
    }
    return true;
  }

  watermarkDecided(micros: bigint, idleSplits: ReadonlySet<string>): void {
    for (const progress of this.#splits.values()) {
      progress.idle = idleSplits.has(progress.split);
      if (progress.idle) progress.raiseFloor(micros);
    }
  }

  bytesRead(): number {
    return this.#bytesRead;
  }

  status(): readonly SplitStatus[] {
    return this.#reader.status();
  }

  problem(): SqlError | null {
    return this.#reader.problem();
  }

  setFields(fields: readonly (readonly number[])[]): void {
    this.#decoder = this.#createDecoder(fields);
  }

  close(): Promise<void> {
    return this.#reader.close();
  }

  /** The event time comes after the wanted fields, whether anybody wants it or not. */
  #createDecoder(fields: readonly (readonly number[])[]): RowDecoder {
    const watermark = this.#spec.watermark;
    return new RowDecoder(this.#spec, watermark === null ? fields : [...fields, [watermark.column]], this.#environment);
  }

  #limitOf(split: string): number {
    if (this.#limits === null) return Number.POSITIVE_INFINITY;
    return this.#limits.get(split) ?? this.#splits.get(split)?.position ?? 0;
  }

  #nextChunk(rowsMax: number): SourceChunk | null {
    const held = this.#held;
    if (held !== null && held.positions[0]! < this.#limitOf(held.split)) {
      this.#held = null;
      return held;
    }
    // While a chunk is held no other may be polled: it could be of the same split.
    return held === null ? this.#reader.poll(rowsMax, (split) => this.#limitOf(split)) : null;
  }

  /** The rows in front of the limit; the rest is held back. */
  #upToLimit(chunk: SourceChunk, progress: SplitProgress): SourceChunk {
    const limit = this.#limitOf(chunk.split);
    let count = chunk.rowCount;
    while (count > 0 && chunk.positions[count - 1]! >= limit) count--;
    if (count < chunk.rowCount) {
      this.#held = sliceChunk(chunk, count, chunk.rowCount);
      progress.position = limit;
      return sliceChunk(chunk, 0, count);
    }
    progress.position = Math.min(chunk.nextPosition, limit);
    return chunk;
  }

  #takeRows(chunk: SourceChunk, progress: SplitProgress, out: SourceOutput): void {
    if (chunk.rowCount === 0) return;
    this.#bytesRead += messageBytes(chunk);
    const { batch, chunkRows, failures } = this.#decoder.decode(chunk);
    const reasons = new Map(failures.map((failure) => [failure.chunkRow, failure.reason]));
    for (const [chunkRow, reason] of reasons) this.#addBad(chunk, chunkRow, reason);
    if (batch.rowCount === 0) return;
    const weights = chunk.weights === null ? batch.weights : chunkRows.map((row) => chunk.weights![row]!);
    if (this.#spec.watermark === null) {
      out.emit(new Batch(batch.rowCount, batch.columns, weights));
      return;
    }
    const rows = new Batch(batch.rowCount, batch.columns.slice(0, -1), weights);
    const times = batch.columns.at(-1) as FixedColumn;
    const lateBounds: bigint[] = [];
    const dropped = this.#judge(progress, { times, positions: chunk.positions, chunkRows, rowCount: rows.rowCount }, lateBounds);
    if (dropped === 0) {
      out.emit(rows);
      return;
    }
    this.#setAside(chunk, chunkRows, rows.rowCount, lateBounds);
    const kept = this.#rowsWith(RowVerdict.kept, rows.rowCount);
    if (kept.length > 0) out.emit(gatherBatch(rows, kept, kept.length));
  }

  /** Whoever reads the rows that were not taken gets them in the epoch of those that were. */
  #sendAside(kind: SetAside, { types, newest }: DeadLetters, out: SourceOutput): void {
    if (newest.length > 0 && out.wantsAside(kind)) out.setAside(kind, batchFromRows(types, newest));
    newest.length = 0;
  }

  #judge(progress: SplitProgress, rows: SourceRows, lateBounds: bigint[]): number {
    const { watermark, futureSkewMicros } = this.#spec;
    if (this.#verdicts.length < rows.rowCount) this.#verdicts = new Uint8Array(rows.rowCount);
    const results = { verdicts: this.#verdicts, lateBounds };
    const known = this.#known?.get(progress.split);
    if (known !== undefined) return progress.judgeAgain(rows, watermark!, known, results);
    const latest = futureSkewMicros === null ? Number.POSITIVE_INFINITY : Number(this.#environment.clock.nowMicros() + futureSkewMicros);
    return progress.judge(rows, watermark!, latest, results);
  }

  #rowsWith(verdict: number, rowCount: number): Int32Array {
    const rows = new Int32Array(rowCount);
    let count = 0;
    for (let row = 0; row < rowCount; row++) {
      if (this.#verdicts[row] === verdict) rows[count++] = row;
    }
    return rows.subarray(0, count);
  }

  /** Late rows are decoded again with all columns: nobody may want them, and there are few. */
  #setAside(chunk: SourceChunk, chunkRows: Int32Array, rowCount: number, lateBounds: readonly bigint[]): void {
    for (const row of this.#rowsWith(RowVerdict.bad, rowCount)) this.#addBad(chunk, chunkRows[row]!, 'event time too far in the future');
    const late = this.#rowsWith(RowVerdict.late, rowCount);
    if (late.length === 0) return;
    this.#fullDecoder ??= this.#createDecoder(this.#spec.columns.map((_, index) => [index]));
    const lateChunk = gatherChunk(
      chunk,
      late.map((row) => chunkRows[row]!),
    );
    const { batch, chunkRows: rows } = this.#fullDecoder.decode(lateChunk);
    for (let row = 0; row < batch.rowCount; row++) {
      const values = batch.columns.slice(0, this.#spec.columns.length).map((column) => readDatum(column, row));
      this.#late.add([...values, chunk.split, BigInt(lateChunk.positions[rows[row]!]!), lateBounds[rows[row]!]!]);
    }
  }

  #addBad(chunk: SourceChunk, chunkRow: number, reason: string): void {
    const { name, onError } = this.#spec;
    const position = chunk.positions[chunkRow]!;
    if (onError === 'skip') return;
    if (onError === 'fail') {
      throw new SqlError({
        code: SqlState.dataCorrupted,
        class: 'user',
        message: `cannot read "${name}" at position ${position} of ${chunk.split}: ${reason}`,
        hint: 'Set on_error to store or skip to go on without such rows.',
      });
    }
    const { messages } = chunk;
    const start = messages?.starts[chunkRow] ?? -1;
    const bytes = messages === null || start < 0 ? null : messages.data.slice(start, Math.min(messages.ends[chunkRow]!, start + BAD_BYTES_MAX));
    this.#bad.add([chunk.split, BigInt(position), reason, bytes, this.#environment.clock.nowMicros()]);
  }

  #noteFinished(): void {
    for (const status of this.#reader.status()) {
      const progress = this.#splits.get(status.split);
      if (progress !== undefined && this.#held?.split !== status.split) progress.finished = status.finished;
    }
  }

  #allFinished(): boolean {
    if (this.#held !== null || this.#limits !== null) return false;
    this.#noteFinished();
    for (const progress of this.#splits.values()) {
      if (!progress.finished) return false;
    }
    return true;
  }
}

function createReader(spec: SourceSpec, environment: OperatorEnvironment): SourceReader {
  if (spec.connector === null) return environment.embeddedReader(spec.relation);
  const capability = environment.connectors.get(spec.connector)?.source ?? null;
  if (capability === null) {
    throw new SqlError({ code: SqlState.featureNotSupported, message: `connector "${spec.connector}" cannot be read` });
  }
  const physical = spec.columns.filter((column) => column.origin.kind === 'physical');
  return capability.createReader({
    options: spec.options,
    columns: physical.map((column) => ({ name: column.externalName, type: column.type })),
    clock: environment.clock,
    logger: environment.logger,
    wake: () => environment.wake(),
  });
}

export const sourceFactory: SourceOperatorFactory = {
  kind: sourceSpecCodec.kind,
  version: sourceSpecCodec.version,
  createSource: (parameters, environment) => new Source(sourceSpecCodec.decode(parameters), environment),
};

/** Bytes of the messages, keys included; rows that come as columns count eight a value. */
function messageBytes({ messages, keys, columns, rowCount }: SourceChunk): number {
  if (messages === null) return rowCount * 8 * (columns?.length ?? 0);
  let bytes = 0;
  for (const { starts, ends } of keys === null ? [messages] : [messages, keys]) {
    for (let row = 0; row < rowCount; row++) bytes += ends[row]! - starts[row]!;
  }
  return bytes;
}
