import { SqlError, SqlState } from '../../base/index.ts';
import type { Barrier, Batch } from '../../batch/index.ts';
import type { Operator, OperatorEnvironment, OperatorFactory, Output } from '../../spi/index.ts';
import { emitInBatches } from '../shared/index.ts';
import { type TemporalFilterSpec, temporalFilterSpecCodec } from './spec.ts';
import { TemporalRows } from './temporal-rows.ts';

/** A filter by the present. The time of an epoch is known with its barrier, so rows wait until then. */
class TemporalFilter implements Operator {
  readonly #environment: OperatorEnvironment;
  readonly #rows: TemporalRows;
  /** Time does not go back, though the barrier that ends an input has none. */
  #now = Number.NEGATIVE_INFINITY;

  constructor(spec: TemporalFilterSpec, environment: OperatorEnvironment) {
    this.#environment = environment;
    const types = environment.inputColumns[0]!.map((column) => column.type);
    this.#rows = new TemporalRows(types, spec);
    environment.registerState(this.#rows.state);
  }

  processBatch(_input: number, batch: Batch): void {
    this.#rows.apply(batch);
  }

  processBarrier(barrier: Barrier, out: Output): void {
    this.#now = Math.max(this.#now, Number(barrier.timestampMicros));
    const change = this.#rows.advance(this.#now, barrier.rowsFollow === true);
    if (change === null)
      throw new SqlError({ code: SqlState.internalError, message: 'a row of a temporal filter has a negative count', class: 'internal' });
    emitInBatches(change, this.#environment.batchRows, out);
  }
}

export const temporalFilterFactory: OperatorFactory = {
  kind: temporalFilterSpecCodec.kind,
  version: temporalFilterSpecCodec.version,
  create: (parameters, environment) => new TemporalFilter(temporalFilterSpecCodec.decode(parameters), environment),
  spillKeys: (parameters) => {
    const { partitionBy, partitionKeyCount } = temporalFilterSpecCodec.decode(parameters);
    return partitionKeyCount === 0 ? null : [partitionBy.slice(0, partitionKeyCount)];
  },
  spillDue: () => [{ table: 'rows', column: null, clock: 'touches', latenessMicros: 0n }],
};
