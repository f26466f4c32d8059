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
import { impossibleChange, SpillableContent } from './spillable-content.ts';

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

  /** What has left memory with this epoch is to be on its way before the next one. */
  continueBarrier(): 'done' | 'waiting' {
    return this.#content.ready?.() === false ? 'waiting' : 'done';
  }

  async close(): Promise<void> {
    await this.#content.close?.();
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
    if (!this.#content.apply(delta, barrier)) throw impossibleChange(this.#spec.name);
    this.#relation.epochApplied(epoch, timestampMicros, delta.rowCount === 0 ? null : delta);
    return delta;
  }

  #netOf(rows: Batch): Batch {
    if (this.#spec.upsert && this.#content.netOfUpserts !== undefined) {
      const { delta, unknownCount } = this.#content.netOfUpserts(rows);
      if (unknownCount > 0)
        this.#environment.logger.log('info', 'keys to take away were not there', { relation: this.#spec.name, keys: unknownCount });
      return delta;
    }
    // Rows that are only added need no net: each of them is one.
    return this.#environment.inputAppendOnly[0] || this.#spec.net ? rows : consolidate(rows);
  }
}

/** Content with a retention is in the order of its age, and stays in memory. */
function createContent(types: readonly SqlType[], spec: MaterializeSpec, environment: OperatorEnvironment): RelationContent {
  const { retentionMs, key } = spec;
  const { subtaskIndex } = environment;
  if (retentionMs !== null) {
    const expiring = new ExpiringContent(types, spec, { subtaskIndex, retentionMs });
    environment.registerState(expiring.state);
    return expiring;
  }
  const appendOnly = environment.inputAppendOnly[0]!;
  const kept = (): RelationContent => (key === null ? new MultisetContent(types, spec) : new KeyedContent(types, spec, key));
  const memory = (): RelationContent => (appendOnly ? new AppendedContent(types, spec, subtaskIndex) : kept());
  const room = environment.spillRoom();
  const content = new SpillableContent({ memory, spec, types, appendOnly, subtaskIndex, room });
  room.registerState(content.state);
  return content;
}

export const materializeFactory: OperatorFactory = {
  kind: materializeSpecCodec.kind,
  version: materializeSpecCodec.version,
  create: (parameters, environment) => new Materialize(materializeSpecCodec.decode(parameters), environment),
};
