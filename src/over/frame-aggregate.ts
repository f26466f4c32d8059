import { SqlError, SqlState } from '../base/index.ts';
import type { AggregateDefinition, ReferenceAggregate, Registry } from '../spi/index.ts';
import { type Datum, int8Type } from '../types/index.ts';
import type { CallEvaluator } from './call-evaluator.ts';
import type { Frames, RowRange } from './frame.ts';
import type { PartitionValues, WindowCall } from './window-call.ts';

/** Aggregates that show the order of their rows (array_agg, string_agg, jsonb_agg …): they see it as a last argument. */
const ORDERED = /^[a-z_]+_agg\(/;

/**
 * An aggregate over frames. Rows that enter a frame are added and rows that leave it are taken back, so that neighbours cost what they differ in;
 * a frame with gaps (EXCLUDE) is added up for itself.
 */
export class FrameAggregate implements CallEvaluator {
  readonly #call: WindowCall;
  readonly #frames: Frames;
  readonly #values: PartitionValues;
  readonly #definition: AggregateDefinition;
  readonly #showsOrder: boolean;
  #aggregate: ReferenceAggregate;
  /** What has been added. */
  #start = 0;
  #end = 0;
  #value: Datum | null = null;
  #isCurrent = false;

  constructor(call: WindowCall, partition: { readonly frames: Frames; readonly values: PartitionValues }, aggregates: Registry<AggregateDefinition>) {
    const signature = call.function.kind === 'aggregate' ? call.function.signature : call.function.name;
    const definition = aggregates.get(signature);
    if (definition === undefined) throw new SqlError({ code: SqlState.internalError, message: `aggregate ${signature} is not built in` });
    this.#call = call;
    this.#frames = partition.frames;
    this.#values = partition.values;
    this.#definition = definition;
    this.#showsOrder = ORDERED.test(signature);
    this.#aggregate = this.#create();
  }

  invalidate(from: number): void {
    if (this.#end > from) this.#restart(0);
  }

  value(row: number): Datum | null {
    if (this.#call.frame.exclude !== 'no-others') return this.#valueOf(this.#frames.ranges(row));
    const { start, end } = this.#frames.range(row);
    if (start < this.#start || end < this.#end || start >= this.#end) this.#restart(start);
    if (start > this.#start || end > this.#end) this.#isCurrent = false;
    for (; this.#start < start; this.#start++) this.#add(this.#aggregate, this.#start, -1);
    for (; this.#end < end; this.#end++) this.#add(this.#aggregate, this.#end, 1);
    if (!this.#isCurrent) {
      this.#value = this.#aggregate.result();
      this.#isCurrent = true;
    }
    return this.#value;
  }

  #restart(at: number): void {
    if (this.#end > this.#start) this.#aggregate = this.#create();
    this.#start = at;
    this.#end = at;
    this.#isCurrent = false;
  }

  #valueOf(ranges: readonly RowRange[]): Datum | null {
    const aggregate = this.#create();
    for (const { start, end } of ranges) {
      for (let row = start; row < end; row++) this.#add(aggregate, row, 1);
    }
    return aggregate.result();
  }

  #add(aggregate: ReferenceAggregate, row: number, weight: number): void {
    const values = this.#values;
    if (!values.passes(row)) return;
    const args = this.#call.argumentTypes.map((_, index) => values.argument(index, row));
    if (this.#showsOrder) args.push(BigInt(row));
    aggregate.add(args, weight);
  }

  #create(): ReferenceAggregate {
    const { argumentTypes, type, frame } = this.#call;
    return this.#definition.createReference({
      argumentTypes: this.#showsOrder ? [...argumentTypes, int8Type] : argumentTypes,
      resultType: type,
      appendOnly: frame.start.kind === 'unbounded-preceding' || frame.exclude !== 'no-others',
      orderBy: this.#showsOrder ? [{ argument: argumentTypes.length, descending: false, nullsFirst: false }] : [],
    });
  }
}
