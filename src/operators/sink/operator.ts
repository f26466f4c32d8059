import { SqlError, SqlState } from '../../base/index.ts';
import { type Barrier, type Batch, concatBatches, type Epoch, GroupIndex, gatherBatch, keyColumns } from '../../batch/index.ts';
import type { Operator, OperatorEnvironment, OperatorFactory, Output, SinkWriter } from '../../spi/index.ts';
import { consolidate, emitInBatches } from '../shared/index.ts';
import { type SinkSpec, sinkSpecCodec } from './spec.ts';

/**
 * Hands a changelog to a connector. Append-only rows go at once. A changelog with retractions is held until the barrier and written as its net; with an
 * upsert key as one record a key: the new row, or, where there is none, the retraction of the old one.
 */
class Sink implements Operator {
  readonly #spec: SinkSpec;
  readonly #environment: OperatorEnvironment;
  readonly #writer: SinkWriter;
  readonly #appendOnly: boolean;
  #pending: Batch[] = [];
  /** Rows of the epoch under way go out under the number after the last barrier's. */
  #epoch: Epoch = 0;

  constructor(spec: SinkSpec, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    this.#appendOnly = environment.inputAppendOnly[0]! && spec.key === null;
    this.#writer = createWriter(spec, environment);
  }

  processBatch(_input: number, batch: Batch): void {
    if (this.#appendOnly) this.#writer.write(this.#epoch, batch);
    else this.#pending.push(batch);
  }

  processBarrier(barrier: Barrier, _out: Output): void {
    if (this.#pending.length > 0) {
      const net = consolidate(concatBatches(this.#pending));
      this.#pending = [];
      const rows = this.#spec.key === null ? net : onePerKey(net, this.#spec.key);
      emitInBatches(rows, this.#environment.batchRows, { emit: (batch) => this.#writer.write(barrier.epoch, batch) });
    }
    this.#epoch = barrier.epoch + 1;
  }

  ready(): boolean {
    return this.#writer.ready();
  }

  /** A checkpoint is acknowledged only when what was written before it has arrived. */
  barrierReady(barrier: Barrier): boolean {
    return !(barrier.checkpoint || barrier.last) || this.#writer.flushed(barrier.epoch);
  }

  close(): Promise<void> {
    return this.#writer.close();
  }
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

function createWriter(spec: SinkSpec, environment: OperatorEnvironment): SinkWriter {
  const capability = environment.connectors.get(spec.connector)?.sink ?? null;
  if (capability === null) {
    throw new SqlError({ code: SqlState.featureNotSupported, message: `connector "${spec.connector}" cannot be written to` });
  }
  return capability.createWriter({
    options: spec.options,
    columns: environment.inputColumns[0]!,
    key: spec.key,
    formats: environment.formats,
    clock: environment.clock,
    logger: environment.logger,
    subtaskIndex: environment.subtaskIndex,
    wake: () => environment.wake(),
  });
}

export const sinkFactory: OperatorFactory = {
  kind: sinkSpecCodec.kind,
  version: sinkSpecCodec.version,
  create: (parameters, environment) => new Sink(sinkSpecCodec.decode(parameters), environment),
};
