import { SqlError, SqlState } from '../../base/index.ts';
import { type Barrier, type Batch, type FixedColumn, gatherBatch, MAX_WATERMARK } from '../../batch/index.ts';
import type { Operator, OperatorEnvironment, OperatorFactory, Output } from '../../spi/index.ts';
import { emitInBatches } from '../shared/index.ts';
import { EVENT_TIME_MAX } from '../window-assign/assign-windows.ts';
import type { SessionChange } from './session-change.ts';
import { SessionRows } from './session-rows.ts';
import { type SessionAssignSpec, sessionAssignSpecCodec } from './spec.ts';

/** Adds the bounds of SESSION windows to rows. */
class SessionAssign implements Operator {
  readonly #spec: SessionAssignSpec;
  readonly #environment: OperatorEnvironment;
  readonly #rows: SessionRows;
  #changed = false;
  /** Sessions that end before this are closed at the next barrier. */
  #bound = Number.NEGATIVE_INFINITY;

  constructor(spec: SessionAssignSpec, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    const types = environment.inputColumns[0]!.map((column) => column.type);
    this.#changed = environment.showsRestored;
    this.#rows = new SessionRows(types, spec, { loadedAsNew: environment.showsRestored });
    environment.registerState(this.#rows.state);
  }

  processBatch(_input: number, batch: Batch): void {
    const timed = rowsWithTime(batch, this.#spec.timeColumn);
    if (timed.rowCount === 0) return;
    this.#changed = true;
    this.#rows.apply(timed);
  }

  processWatermark(micros: bigint): void {
    this.#advance('watermark', micros);
  }

  #advance(clock: 'watermark' | 'epoch', micros: bigint): void {
    const { closedBy } = this.#spec;
    if (closedBy?.clock === clock) this.#bound = Math.max(this.#bound, Number(micros) - Number(closedBy.latenessMicros));
  }

  processBarrier(barrier: Barrier, out: Output): void {
    if (barrier.rowsFollow !== true) this.#advance('epoch', barrier.last ? MAX_WATERMARK : barrier.timestampMicros);
    const onUpdate = this.#spec.mode === 'on-update';
    if (this.#changed) {
      this.#changed = false;
      const change = this.#rows.settle();
      if (change === null)
        throw new SqlError({ code: SqlState.internalError, message: 'a row of a session has a negative count', class: 'internal' });
      if (onUpdate) this.#emit(change, out);
    }
    const closed = this.#rows.close(this.#bound);
    if (!onUpdate) this.#emit(closed, out);
  }

  #emit(change: SessionChange, out: Output): void {
    const batch = change.batch(this.#spec.timeColumn);
    if (batch !== null) emitInBatches(batch, this.#environment.batchRows, out);
  }
}

/** Rows without a time, or with an infinite one, lie in no session. */
function rowsWithTime(batch: Batch, timeColumn: number): Batch {
  const { i32, valid } = batch.columns[timeColumn] as FixedColumn;
  const selection = new Int32Array(batch.rowCount);
  let count = 0;
  for (let row = 0; row < batch.rowCount; row++) {
    if (valid !== null && valid[row] === 0) continue;
    const time = i32[2 * row + 1]! * 4294967296 + (i32[2 * row]! >>> 0);
    if (time < EVENT_TIME_MAX && time > -EVENT_TIME_MAX) selection[count++] = row;
  }
  return count === batch.rowCount ? batch : gatherBatch(batch, selection, count);
}

export const sessionAssignFactory: OperatorFactory = {
  kind: sessionAssignSpecCodec.kind,
  version: sessionAssignSpecCodec.version,
  create: (parameters, environment) => new SessionAssign(sessionAssignSpecCodec.decode(parameters), environment),
  spillKeys: (parameters) => {
    const { partitionBy, partitionKeyCount } = sessionAssignSpecCodec.decode(parameters);
    return partitionKeyCount === 0 ? null : [partitionBy.slice(0, partitionKeyCount)];
  },
  spillDue: (parameters) => {
    const { closedBy } = sessionAssignSpecCodec.decode(parameters);
    return closedBy === null ? [] : [{ table: 'rows', column: null, ...closedBy }];
  },
};
