import { SqlError, SqlState } from '../../base/index.ts';
import { type Barrier, type Batch, concatBatches } from '../../batch/index.ts';
import type { Operator, OperatorEnvironment, OperatorFactory, Output } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { consolidate, emitInBatches } from '../shared/index.ts';
import { AppendedContent } from './appended-content.ts';
import { ExpiringContent } from './expiring-content.ts';
import { KeyedContent } from './keyed-content.ts';
import { MaterializedRelation, type RelationContent } from './materialized-relation.ts';
import { MultisetContent } from './multiset-content.ts';
import { type MaterializeSpec, materializeSpecCodec } from './spec.ts';

/**
 * Keeps a relation's content. The epoch's rows are collected, their net is applied at the barrier, kept for readers, and only
 * then passed on: what is downstream never sees rows that cancel out.
 */
class Materialize implements Operator {
  readonly #spec: MaterializeSpec;
  readonly #environment: OperatorEnvironment;
  readonly #content: RelationContent;
  readonly #relation: MaterializedRelation;
  #pending: Batch[] = [];

  constructor(spec: MaterializeSpec, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    const types = environment.inputColumns[0]!.map((column) => column.type);
    this.#content = createContent(types, spec, environment);
    const { batchRows, subtaskIndex } = environment;
    this.#relation = new MaterializedRelation(this.#content, { name: spec.name, partitionKeys: spec.partitionKeys, batchRows, types, subtaskIndex });
    environment.registerState(this.#content.state);
    environment.registerState(this.#relation.held.state);
    environment.publishRelation(spec.relation, this.#relation);
  }

  processBatch(_input: number, batch: Batch): void {
    this.#pending.push(batch);
  }

  processBarrier(barrier: Barrier, out: Output): void {
    const delta = this.#applyPending(barrier);
    const expired = this.#content.expire?.(barrier.timestampMicros) ?? null;
    if (expired !== null) this.#relation.rowsExpired(barrier, expired);
    if (delta === null || delta.rowCount === 0) return;
    emitInBatches(delta, this.#environment.batchRows, out);
  }

  #applyPending(barrier: Barrier): Batch | null {
    const { epoch, timestampMicros } = barrier;
    const pending = this.#pending;
    this.#pending = [];
    if (pending.length === 0) {
      this.#relation.epochApplied(epoch, timestampMicros, null);
      return null;
    }
    const delta = this.#netOf(concatBatches(pending));
    if (!this.#content.apply(delta, barrier)) throw this.#impossibleChange();
    this.#relation.epochApplied(epoch, timestampMicros, delta.rowCount === 0 ? null : delta);
    return delta;
  }

  #netOf(rows: Batch): Batch {
    if (this.#content instanceof KeyedContent && this.#spec.upsert) {
      const { delta, unknownCount } = this.#content.netOfUpserts(rows);
      if (unknownCount > 0)
        this.#environment.logger.log('info', 'keys to take away were not there', { relation: this.#spec.name, keys: unknownCount });
      return delta;
    }
    // Rows that are only added need no net: each of them is one.
    return this.#environment.inputAppendOnly[0] || this.#spec.net ? rows : consolidate(rows);
  }

  #impossibleChange(): SqlError {
    return new SqlError({
      code: SqlState.internalError,
      message: `relation "${this.#spec.name}" would have a row a negative number of times, or two rows of one key`,
      class: 'internal',
    });
  }
}

function createContent(types: readonly SqlType[], spec: MaterializeSpec, environment: OperatorEnvironment): RelationContent {
  const { retentionMs } = spec;
  if (retentionMs !== null) return new ExpiringContent(types, spec, { subtaskIndex: environment.subtaskIndex, retentionMs });
  if (environment.inputAppendOnly[0]) return new AppendedContent(types, spec, environment.subtaskIndex);
  return spec.key === null ? new MultisetContent(types, spec) : new KeyedContent(types, spec, spec.key);
}

export const materializeFactory: OperatorFactory = {
  kind: materializeSpecCodec.kind,
  version: materializeSpecCodec.version,
  create: (parameters, environment) => new Materialize(materializeSpecCodec.decode(parameters), environment),
};
