import { SqlError, SqlState } from '../../base/index.ts';
import { type Barrier, Batch } from '../../batch/index.ts';
import type { Operator, OperatorEnvironment, OperatorFactory, Output } from '../../spi/index.ts';
import { ExpiringKeys, emitInBatches, RowCounts, TouchedGroups } from '../shared/index.ts';
import { type SetOperationSpec, setOperationSpecCodec } from './spec.ts';

/** How often a row is in the result when the inputs have it so often (SQL:2016, 7.17). */
type Multiplicity = (left: number, right: number) => number;

/** At each barrier the rows whose number of occurrences in the result has changed leave or come by the difference. */
class SetOperation implements Operator {
  readonly #multiplicity: Multiplicity;
  readonly #environment: OperatorEnvironment;
  readonly #rows: RowCounts;
  readonly #touched = new TouchedGroups();
  /** What was shown of each touched row before the epoch, in the order of `#touched`. */
  #before: number[] = [];
  readonly #expiring: ExpiringKeys | null;

  constructor(spec: SetOperationSpec, environment: OperatorEnvironment) {
    this.#multiplicity = multiplicityOf(spec);
    this.#environment = environment;
    const types = environment.inputColumns[0]!.map((column) => column.type);
    this.#expiring = spec.expiry === null ? null : new ExpiringKeys(spec.expiry);
    const loaded = (batch: Batch, rows: Int32Array): void => {
      if (environment.showsRestored) this.#touchUnshown(rows.subarray(0, batch.rowCount));
      this.#expiring?.add(batch, rows, this.#rows.end);
    };
    this.#rows = new RowCounts({ name: 'rows', types, sides: 2, exact: false, partitionKeyCount: types.length, loaded });
    environment.registerState(this.#rows.state);
  }

  processBatch(input: number, batch: Batch): void {
    const rows = this.#rows.find(batch);
    this.#touched.ensureCapacity(this.#rows.end);
    for (let row = 0; row < batch.rowCount; row++) {
      if (this.#touched.add(rows[row]!)) this.#before.push(this.#shown(rows[row]!));
    }
    this.#rows.add(input, rows, batch);
    this.#expiring?.add(batch, rows, this.#rows.end);
  }

  #touchUnshown(rows: Int32Array): void {
    this.#touched.ensureCapacity(this.#rows.end);
    for (const row of rows) if (this.#touched.add(row)) this.#before.push(0);
  }

  processWatermark(micros: bigint): void {
    this.#expiring?.watermark(micros);
  }

  processBarrier(barrier: Barrier, out: Output): void {
    if (this.#touched.count > 0) this.#emitChanges(out);
    if (this.#expiring !== null) this.#rows.remove(this.#expiring.take(barrier));
  }

  #emitChanges(out: Output): void {
    const { list, count } = this.#touched;
    const changed = new Int32Array(count);
    const weights = new Int32Array(count);
    let changes = 0;
    for (let at = 0; at < count; at++) {
      const row = list[at]!;
      if (this.#rows.isNegative(row)) throw negativeCount();
      const difference = this.#shown(row) - this.#before[at]!;
      if (difference === 0) continue;
      weights[changes] = difference;
      changed[changes++] = row;
    }
    if (changes > 0) {
      const columns = this.#rows.columnsOf(changed, changes);
      emitInBatches(new Batch(changes, columns, weights.slice(0, changes)), this.#environment.batchRows, out);
    }
    const gone = this.#rows.settle(list, count);
    this.#expiring?.forget(gone);
    this.#touched.clear();
    this.#before = [];
  }

  #shown(row: number): number {
    return this.#multiplicity(this.#rows.countOf(0, row), this.#rows.countOf(1, row));
  }
}

function multiplicityOf({ operator, all }: SetOperationSpec): Multiplicity {
  if (operator === 'intersect') return all ? Math.min : (left, right) => (left > 0 && right > 0 ? 1 : 0);
  return all ? (left, right) => Math.max(0, left - right) : (left, right) => (left > 0 && right <= 0 ? 1 : 0);
}

function negativeCount(): SqlError {
  return new SqlError({ code: SqlState.internalError, message: 'a row of a set operation has a negative count', class: 'internal' });
}

export const setOperationFactory: OperatorFactory = {
  kind: setOperationSpecCodec.kind,
  version: setOperationSpecCodec.version,
  create: (parameters, environment) => new SetOperation(setOperationSpecCodec.decode(parameters), environment),
  spillKeys: (_parameters, { inputColumns }) => {
    const keys = inputColumns[0]!.map((_, index) => index);
    return keys.length === 0 ? null : [keys, keys];
  },
  spillDue: (parameters) => {
    const { expiry } = setOperationSpecCodec.decode(parameters);
    return expiry === null ? [] : [{ table: 'rows', ...expiry }];
  },
};
