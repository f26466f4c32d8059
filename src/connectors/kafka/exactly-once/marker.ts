import { SqlError, SqlState } from '../../../base/index.ts';
import type { Epoch } from '../../../batch/index.ts';

/** How many rows the sink has written in all, and the sum of their hashes, at the end of an epoch. */
export interface Total {
  readonly epoch: Epoch;
  readonly rows: bigint;
  readonly digest: bigint;
}

/**
 * What a sink has committed, as it stands in the output itself: written in the transaction that made it so. `totals`: of the last transactions, oldest first; the
 * last one is the marker's own.
 */
export interface Marker {
  readonly sink: string;
  readonly totals: readonly Total[];
}

/** Totals in one marker. More than there are checkpoints to fall back to, so that the rows since any of them can be compared. */
const TOTALS_MAX = 16;
const DIGEST_BITS = 64;
const VERSION = 1;
const NOTHING: Total = { epoch: 0, rows: 0n, digest: 0n };

/** Of a sink that has written nothing. */
export function firstMarker(sink: string): Marker {
  return { sink, totals: [NOTHING] };
}

export function totalOf(marker: Marker): Total {
  return marker.totals.at(-1)!;
}

/** The marker after a transaction that brings the output to `epoch` with these rows. */
export function nextMarker(marker: Marker, added: Total): Marker {
  const last = totalOf(marker);
  const total = { epoch: added.epoch, ...sumOf(last, added) };
  return { sink: marker.sink, totals: [...marker.totals, total].slice(-TOTALS_MAX) };
}

export function sameMarker(left: Marker, right: Marker): boolean {
  const [one, other] = [totalOf(left), totalOf(right)];
  return left.sink === right.sink && one.epoch === other.epoch && one.rows === other.rows && one.digest === other.digest;
}

/** The total at the end of `epoch`, whose checkpoint was committed or had no rows; null when the marker does not reach back so far. */
export function totalAt(marker: Marker, epoch: Epoch): Total | null {
  return marker.totals.findLast((total) => total.epoch <= epoch) ?? null;
}

export function sumOf(left: Pick<Total, 'rows' | 'digest'>, right: Pick<Total, 'rows' | 'digest'>): Pick<Total, 'rows' | 'digest'> {
  return { rows: left.rows + right.rows, digest: BigInt.asUintN(DIGEST_BITS, left.digest + right.digest) };
}

export function encodeMarker(marker: Marker): Uint8Array {
  const totals = marker.totals.map(({ epoch, rows, digest }) => ({ epoch, rows: String(rows), digest: digest.toString(16) }));
  return new TextEncoder().encode(JSON.stringify({ version: VERSION, sink: marker.sink, totals }));
}

/** Errors: XX001 for bytes that are no marker. */
export function decodeMarker(bytes: Uint8Array): Marker {
  try {
    const { version, sink, totals } = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as StoredMarker;
    if (version !== VERSION || typeof sink !== 'string' || totals.length === 0) throw new Error('it is of another version');
    return { sink, totals: totals.map(({ epoch, rows, digest }) => ({ epoch, rows: BigInt(rows), digest: BigInt(`0x${digest}`) })) };
  } catch (error) {
    throw new SqlError({
      code: SqlState.dataCorrupted,
      message: 'the newest marker of the sink cannot be read',
      detail: error instanceof Error ? error.message : undefined,
      hint: 'Nobody but fsql may write to the topic of the markers.',
      class: 'user',
      cause: error,
    });
  }
}

interface StoredMarker {
  readonly version: number;
  readonly sink: string;
  readonly totals: readonly { readonly epoch: number; readonly rows: string; readonly digest: string }[];
}
