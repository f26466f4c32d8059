import type { Barrier, Batch } from '../../batch/index.ts';
import type { Operator, OperatorEnvironment, OperatorFactory, Output } from '../../spi/index.ts';
import { aggregateState, callText, GroupChanges, GroupedAggregation } from '../grouping/index.ts';
import { KeyTtl, reportForgotten, ttlDue } from '../shared/index.ts';
import { type HashAggregateSpec, hashAggregateSpecCodec } from './spec.ts';

/** GROUP BY over a changelog: at each barrier the touched groups' old rows go and their new rows come. */
class HashAggregate implements Operator {
  readonly #aggregation: GroupedAggregation;
  readonly #changes: GroupChanges;
  /** Without keys there is one group, whose row exists from the first barrier on, whatever the input. */
  readonly #onlyGroup: number | null;
  #onlyGroupShown = false;
  readonly #ttl: KeyTtl | null;
  readonly #expiring = new Set<number>();
  readonly #environment: OperatorEnvironment;

  constructor(spec: HashAggregateSpec, environment: OperatorEnvironment) {
    const inputColumns = environment.inputColumns[0]!;
    const names = inputColumns.map((column) => column.name);
    const appendOnly = environment.inputAppendOnly[0]!;
    this.#aggregation = new GroupedAggregation({ keys: spec.keys, calls: spec.calls, inputColumns, appendOnly }, environment);
    this.#changes = new GroupChanges(
      this.#aggregation,
      environment,
      spec.calls.map((call) => callText(call, names)),
    );
    this.#environment = environment;
    this.#ttl = createTtl(spec, this.#aggregation, environment);
    this.#onlyGroup = spec.keys.length === 0 ? this.#aggregation.assignOnlyGroup() : null;
    const loaded = (groups: Int32Array): void => {
      if (environment.showsRestored) this.#changes.touch(groups, groups.length, () => false);
      else if (groups.length > 0) this.#onlyGroupShown = this.#onlyGroup !== null;
    };
    environment.registerState(aggregateState(this.#aggregation, { partitionKeyCount: spec.partitionKeyCount, loaded }));
  }

  processBatch(_input: number, batch: Batch): void {
    const groups = this.#aggregation.assign(batch);
    this.#changes.touch(groups, batch.rowCount, (group) => this.#isShown(group));
    this.#aggregation.apply(batch, groups);
    this.#ttl?.touch(this.#aggregation.index.keyColumnsOf(groups, batch.rowCount), batch.rowCount);
  }

  processBarrier(barrier: Barrier, out: Output): void {
    this.#expire(barrier);
    if (this.#onlyGroup !== null && !this.#onlyGroupShown) {
      this.#changes.touch(Int32Array.of(this.#onlyGroup), 1, () => false);
    }
    if (this.#changes.touchedCount === 0) return;
    const gone = this.#changes.emit((group) => this.#survives(group), out);
    this.#aggregation.remove(gone, gone.length);
    this.#onlyGroupShown = this.#onlyGroup !== null;
    this.#expiring.clear();
  }

  /** Groups whose ttl has passed leave with this epoch's change. */
  #expire(barrier: Barrier): void {
    const expired = this.#ttl?.take(barrier) ?? null;
    if (expired === null) return;
    const groups = this.#aggregation.find(expired.keys, expired.count).filter((group) => group >= 0);
    this.#changes.touch(groups, groups.length, (group) => this.#isShown(group));
    for (const group of groups) this.#expiring.add(group);
  }

  /** Asked before the first rows of the epoch are applied: a group with rows was there at the last barrier. */
  #isShown(group: number): boolean {
    return this.#onlyGroup === null ? this.#aggregation.rowsOf(group) > 0 : this.#onlyGroupShown;
  }

  #survives(group: number): boolean {
    if (this.#expiring.has(group)) return false;
    const rows = this.#aggregation.rowsOf(group);
    if (rows < 0) {
      if (this.#ttl === null) throw this.#aggregation.negativeGroupError('hash-aggregate', group);
      reportForgotten(-rows, 'hash-aggregate', this.#environment);
    }
    return rows > 0 || this.#onlyGroup !== null;
  }
}

/** The one group of an aggregation without keys always has a row. */
function createTtl({ keys, partitionKeyCount, stateTtlMs }: HashAggregateSpec, { keyTypes }: GroupedAggregation, environment: OperatorEnvironment) {
  if (stateTtlMs == null || keys.length === 0) return null;
  const ttl = new KeyTtl({ keyTypes, partitionKeyCount, ttlMs: stateTtlMs });
  environment.registerState(ttl.state);
  return ttl;
}

export const hashAggregateFactory: OperatorFactory = {
  kind: hashAggregateSpecCodec.kind,
  version: hashAggregateSpecCodec.version,
  create: (parameters, environment) => new HashAggregate(hashAggregateSpecCodec.decode(parameters), environment),
  spillKeys: (parameters) => {
    const { keys, partitionKeyCount } = hashAggregateSpecCodec.decode(parameters);
    return partitionKeyCount === 0 ? null : [keys.slice(0, partitionKeyCount)];
  },
  spillDue: (parameters) => {
    const { keys, stateTtlMs } = hashAggregateSpecCodec.decode(parameters);
    return stateTtlMs == null ? [] : [ttlDue('touched', keys.length, stateTtlMs)];
  },
};
