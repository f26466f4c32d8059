import { SqlError, SqlState } from '../../base/index.ts';
import { ascendingRows, type Barrier, type Batch, concatBatches, type Epoch, GroupIndex, gatherBatch, keyColumns } from '../../batch/index.ts';
import type {
  Operator,
  OperatorEnvironment,
  OperatorFactory,
  Output,
  SinkCapability,
  SinkContext,
  SinkProgress,
  SinkWriter,
} from '../../spi/index.ts';
import { consolidate, emitInBatches } from '../shared/index.ts';
import { Committer } from './committer.ts';
import { type SinkSpec, sinkSpecCodec } from './spec.ts';

/**
 * Hands a changelog to a connector. Append-only rows go at once. A changelog with retractions is held until the barrier and written as its net: rows that go and
 * rows that come where the format tells them apart, else one record a key: the new row, or, where there is none, the retraction of the old one. At a checkpoint what was written is prepared, and it is
 * committed when the checkpoint is durable.
 */
class Sink implements Operator {
  readonly #spec: SinkSpec;
  readonly #environment: OperatorEnvironment;
  readonly #writer: SinkWriter;
  readonly #delivery: SinkProgress['delivery'];
  readonly #appendOnly: boolean;
  readonly #committer: Committer;
  #pending: Batch[] = [];
  /** The writer's, as reported last. */
  #problem: SqlError | null = null;
  #rows = 0;
  #rowsPrepared = 0;
  #rowsCommitted = 0;
  /** The outbox has asked for a checkpoint. */
  #wantsCheckpoint = false;
  /** Rows of the epoch under way go out under the number after the last barrier's. */
  #epoch: Epoch;

  constructor(spec: SinkSpec, environment: OperatorEnvironment, job: string) {
    this.#spec = spec;
    this.#environment = environment;
    this.#epoch = environment.startEpoch + 1;
    this.#appendOnly = environment.inputAppendOnly[0]! && (spec.key === null || spec.appends);
    const capability = sinkOf(spec, environment);
    this.#delivery = capability.delivery(spec.options);
    this.#writer = capability.createWriter(writerContext(spec, environment, job));
    const { subtaskIndex, startEpoch, clock, logger } = environment;
    const changed = (): void => this.#report();
    this.#committer = new Committer({ writer: this.#writer, subtask: subtaskIndex, startEpoch, clock, logger, changed });
    environment.registerState(this.#committer.stateTable());
  }

  processBatch(_input: number, batch: Batch): void {
    if (this.#appendOnly) this.#write(this.#epoch, batch);
    else this.#pending.push(batch);
  }

  processBarrier(barrier: Barrier, _out: Output): void {
    for (const rows of this.#takeNet()) emitInBatches(rows, this.#environment.batchRows, { emit: (batch) => this.#write(barrier.epoch, batch) });
    this.#epoch = barrier.epoch + 1;
    this.#writer.endEpoch?.(barrier.epoch);
    if (!(barrier.checkpoint || barrier.last)) {
      if (this.#writer.outbox !== undefined) this.#report();
      return;
    }
    this.#rowsPrepared = this.#rows;
    this.#wantsCheckpoint = false;
    this.#committer.prepare(barrier.epoch);
  }

  ready(): boolean {
    const problem = this.#writer.problem?.() ?? null;
    if (problem?.message !== this.#problem?.message) {
      this.#problem = problem;
      this.#report();
    }
    return this.#committer.recovered() && this.#writer.ready();
  }

  /** A checkpoint is acknowledged only when what was written before it has arrived. */
  barrierReady(barrier: Barrier): boolean {
    return !(barrier.checkpoint || barrier.last) || this.#writer.flushed(barrier.epoch);
  }

  checkpointCommitted(epoch: Epoch): void {
    this.#committer.commit(epoch);
  }

  async close(): Promise<void> {
    await this.#committer.close();
    await this.#writer.close();
  }

  /** The net of what the epoch has brought, one row a key where there is an upsert key. */
  #takeNet(): readonly Batch[] {
    const pending = this.#pending;
    const { changes, appends, net } = this.#spec;
    const key = appends ? null : this.#spec.key;
    this.#pending = [];
    if (pending.length === 0 || (net && key === null && !changes)) return pending;
    const rows = net ? concatBatches(pending) : consolidate(concatBatches(pending));
    if (changes) return [goneFirst(rows)];
    return [key === null ? rows : onePerKey(rows, key)];
  }

  #write(epoch: Epoch, batch: Batch): void {
    this.#rows += batch.rowCount;
    this.#writer.write(epoch, batch);
    const wantsCheckpoint = this.#writer.outbox?.().full ?? false;
    if (wantsCheckpoint === this.#wantsCheckpoint) return;
    this.#wantsCheckpoint = wantsCheckpoint;
    this.#report();
  }

  #report(): void {
    const { pending, committedEpoch, problem } = this.#committer;
    const outbox = this.#writer.outbox?.() ?? null;
    if (pending === 0) this.#rowsCommitted = this.#rowsPrepared;
    this.#environment.reportSink({
      sink: this.#spec.name,
      rows: this.#rows,
      pendingRows: this.#rows - this.#rowsCommitted,
      pendingCommits: pending,
      committedEpoch,
      problem: (problem ?? this.#problem)?.message ?? null,
      delivery: this.#delivery,
      pendingBytes: this.#committer.pendingBytes + (outbox?.bytes ?? 0),
      marker: outbox?.marker ?? null,
      wantsCheckpoint: this.#wantsCheckpoint,
    });
    this.#environment.wake();
  }
}

/** Who applies the records one by one never has two rows of a key. */
function goneFirst(net: Batch): Batch {
  const { weights, rowCount } = net;
  if (weights === null) return net;
  const rows = ascendingRows(rowCount);
  const order = new Int32Array(rowCount);
  const gone = rows.filter((row) => weights[row]! < 0);
  order.set(gone);
  order.set(
    rows.filter((row) => weights[row]! > 0),
    gone.length,
  );
  return gatherBatch(net, order, rowCount);
}

/** Of each key the row that is there after the epoch, or else the one that has gone. */
function onePerKey(net: Batch, key: readonly number[]): Batch {
  const index = new GroupIndex(key.map((column) => net.columns[column]!.type));
  const groups = new Int32Array(net.rowCount);
  index.assign(keyColumns(net, key), net.rowCount, groups);
  const chosen = new Int32Array(index.groupEnd).fill(-1);
  for (let row = 0; row < net.rowCount; row++) {
    const added = net.weights === null || net.weights[row]! > 0;
    if (added || chosen[groups[row]!] === -1) chosen[groups[row]!] = row;
  }
  const rows = chosen.filter((row) => row >= 0).sort();
  return gatherBatch(net, rows, rows.length);
}

function sinkOf(spec: SinkSpec, environment: OperatorEnvironment): SinkCapability {
  const capability = environment.connectors.get(spec.connector)?.sink ?? null;
  if (capability === null) {
    throw new SqlError({ code: SqlState.featureNotSupported, message: `connector "${spec.connector}" cannot be written to` });
  }
  return capability;
}

function writerContext(spec: SinkSpec, environment: OperatorEnvironment, job: string): SinkContext {
  return {
    sink: spec.name,
    job,
    options: spec.options,
    columns: environment.inputColumns[0]!,
    key: spec.key,
    appends: spec.appends,
    formats: environment.formats,
    clock: environment.clock,
    logger: environment.logger,
    subtaskIndex: environment.subtaskIndex,
    parallelism: environment.parallelism,
    wake: () => environment.wake(),
    tableDelivery: (taken) => environment.tableDelivery(taken),
  };
}

export const sinkFactory: OperatorFactory = {
  kind: sinkSpecCodec.kind,
  version: sinkSpecCodec.version,
  create: (parameters, environment, { operatorId }) => new Sink(sinkSpecCodec.decode(parameters), environment, operatorId),
};
