import { SqlError, SqlState } from '../base/index.ts';
import type { EvaluationContext, FunctionLookup } from '../expr/index.ts';
import { compareDatums, type Datum, MICROS_PER_DAY_BIGINT, type SqlType, timestampType } from '../types/index.ts';
import type { PeerGroups } from './peer-groups.ts';
import type { PartitionValues, WindowBound, WindowCall } from './window-call.ts';

type Side = 'start' | 'end';

export interface FrameEnvironment {
  readonly functions: FunctionLookup;
  readonly evaluation: EvaluationContext;
}

/** Positions from `start` up to, not including, `end`. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** The frame of each row of a partition. Both ends only move forward from row to row. */
export class Frames {
  readonly #call: WindowCall;
  readonly #peers: PeerGroups;
  readonly #start: (row: number) => number;
  readonly #end: (row: number) => number;
  readonly #edges: FrameEdges;

  /** Errors: 22004 for a NULL offset, 22013 for a negative one. */
  constructor(call: WindowCall, partition: { readonly peers: PeerGroups; readonly values: PartitionValues }, environment: FrameEnvironment) {
    this.#call = call;
    this.#peers = partition.peers;
    const edges = new FrameEdges(call, partition, environment);
    this.#start = edges.edge(call.frame.start, 'start');
    this.#end = edges.edge(call.frame.end, 'end');
    this.#edges = edges;
  }

  /** Rows from some position on have changed. */
  invalidate(): void {
    this.#edges.invalidate();
  }

  /** Without EXCLUDE. */
  range(row: number): RowRange {
    const size = this.#peers.size;
    const start = Math.min(Math.max(this.#start(row), 0), size);
    return { start, end: Math.max(Math.min(this.#end(row), size), start) };
  }

  /** With EXCLUDE, in order; none of them is empty. */
  ranges(row: number): RowRange[] {
    const whole = this.range(row);
    switch (this.#call.frame.exclude) {
      case 'no-others':
        return nonEmpty([whole]);
      case 'current-row':
        return nonEmpty([before(whole, row), after(whole, row + 1)]);
      case 'group':
        return nonEmpty([before(whole, this.#peers.peerStart(row)), after(whole, this.#peers.peerEnd(row))]);
      case 'ties': {
        const own = { start: Math.max(whole.start, row), end: Math.min(whole.end, row + 1) };
        return nonEmpty([before(whole, this.#peers.peerStart(row)), own, after(whole, this.#peers.peerEnd(row))]);
      }
    }
  }
}

function before({ start, end }: RowRange, limit: number): RowRange {
  return { start, end: Math.min(end, limit) };
}

function after({ start, end }: RowRange, limit: number): RowRange {
  return { start: Math.max(start, limit), end };
}

function nonEmpty(ranges: readonly RowRange[]): RowRange[] {
  return ranges.filter(({ start, end }) => start < end);
}

class FrameEdges {
  readonly #call: WindowCall;
  readonly #peers: PeerGroups;
  readonly #values: PartitionValues;
  readonly #environment: FrameEnvironment;
  /** The session looked at last. */
  #session: RowRange = { start: 0, end: 0 };

  constructor(call: WindowCall, partition: { readonly peers: PeerGroups; readonly values: PartitionValues }, environment: FrameEnvironment) {
    this.#call = call;
    this.#peers = partition.peers;
    this.#values = partition.values;
    this.#environment = environment;
  }

  /** Inclusive start or exclusive end as a position, perhaps outside of the partition. */
  edge(bound: WindowBound, side: Side): (row: number) => number {
    const peers = this.#peers;
    const { unit } = this.#call.frame;
    if (bound.kind === 'unbounded-preceding') return () => 0;
    if (bound.kind === 'unbounded-following') return () => peers.size;
    if (bound.kind === 'current-row') {
      if (unit === 'rows') return side === 'start' ? (row) => row : (row) => row + 1;
      return side === 'start' ? (row) => peers.peerStart(row) : (row) => peers.peerEnd(row);
    }
    const offset = offsetOf(bound, side);
    if (unit === 'range') return this.#rangeEdge(bound, offset, side);
    if (unit === 'session') {
      const isLinked = this.#linked(bound, offset);
      return (row) => this.#sessionOf(row, isLinked)[side];
    }
    const distance = (bound.kind === 'following' ? Number(offset) : -Number(offset)) + (side === 'end' ? 1 : 0);
    if (unit === 'rows') return (row) => row + distance;
    return (row) => peers.startOfGroup(peers.groupOf(row) + distance);
  }

  invalidate(): void {
    this.#session = { start: 0, end: 0 };
  }

  /** A chain of rows of which each is linked with the one before. */
  #sessionOf(row: number, isLinked: (row: number) => boolean): RowRange {
    if (row >= this.#session.start && row < this.#session.end) return this.#session;
    let start = row;
    while (start > 0 && isLinked(start)) start--;
    let end = row + 1;
    while (end < this.#peers.size && isLinked(end)) end++;
    this.#session = { start, end };
    return this.#session;
  }

  /** Whether a row is at most the gap behind the one before it; NULLs are only with NULLs. */
  #linked({ offset }: WindowBound, gap: Datum): (row: number) => boolean {
    const { move, type, comparable } = this.#mover(offset!.type, '+');
    return (row) => {
      const value = this.#values.order(row);
      const previous = this.#values.order(row - 1);
      if (value === null || previous === null) return value === previous;
      return compareDatums(type, comparable(value), move(previous, gap)) <= 0;
    };
  }

  /** How a sort value is moved by an offset, and what the result is compared as. A date moved by an interval is a timestamp: dates are compared as their midnights. */
  #mover(by: SqlType, symbol: '+' | '-') {
    const order = this.#call.order!;
    const asTimestamps = order.type.kind === 'date' && by.kind === 'interval';
    const type = asTimestamps ? timestampType : order.type;
    const { functions, evaluation } = this.#environment;
    const moved = functions.function(`${order.type.kind} ${symbol} ${by.kind} -> ${type.kind}`);
    return {
      type,
      comparable: (value: Datum): Datum => (asTimestamps ? BigInt(value as number) * MICROS_PER_DAY_BIGINT : value),
      move: (value: Datum, offset: Datum): Datum => moved.evaluate([value, offset], evaluation, moved.argumentTypes)!,
    };
  }

  /** RANGE with an offset: rows whose one sort value lies within the distance; NULLs are only with NULLs. */
  #rangeEdge(bound: WindowBound, offset: Datum, side: Side): (row: number) => number {
    const order = this.#call.order!;
    const values = this.#values;
    const peers = this.#peers;
    const symbol = (bound.kind === 'following') === order.descending ? '-' : '+';
    const { move, type, comparable } = this.#mover(bound.offset!.type, symbol);
    const isBefore = (other: Datum | null, limit: Datum): boolean => {
      if (other === null) return order.nullsFirst;
      const compared = compareDatums(type, comparable(other), limit) * (order.descending ? -1 : 1);
      return side === 'start' ? compared < 0 : compared <= 0;
    };
    return (row) => {
      const value = values.order(row);
      if (value === null) return side === 'start' ? peers.peerStart(row) : peers.peerEnd(row);
      const limit = move(value, offset);
      return firstFalse(peers.size, (at) => isBefore(values.order(at), limit));
    };
  }
}

function offsetOf(bound: WindowBound, side: Side): Datum {
  const { value, type } = bound.offset!;
  const name = side === 'start' ? 'starting' : 'ending';
  if (value === null) throw new SqlError({ code: SqlState.nullValueNotAllowed, message: `frame ${name} offset must not be null` });
  const zero = zeroOf(type);
  if (zero !== null && compareDatums(type, value, zero) < 0)
    throw new SqlError({ code: SqlState.invalidPrecedingOrFollowingSize, message: `frame ${name} offset must not be negative` });
  return value;
}

function zeroOf({ kind }: SqlType): Datum | null {
  switch (kind) {
    case 'int2':
    case 'int4':
    case 'float4':
    case 'float8':
      return 0;
    case 'int8':
      return 0n;
    case 'numeric':
      return { mantissa: 0n, scale: 0 };
    case 'interval':
      return { months: 0, days: 0, micros: 0n };
    default:
      return null;
  }
}

/** Position of the first row the test fails for; it holds for all before and for none after. */
function firstFalse(size: number, test: (row: number) => boolean): number {
  let low = 0;
  let high = size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (test(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
