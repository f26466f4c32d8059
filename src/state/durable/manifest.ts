import type { Epoch } from '../../batch/index.ts';
import { sha256Text } from '../checksum.ts';
import { damagedFile } from '../damage.ts';
import type { EpochRecord } from '../state-store.ts';
import type { FleetingSegment } from './fleeting-segments.ts';
import type { ExpectedSegment } from './segment-reader.ts';

/** A segment and the checkpoint it came with. */
export interface ManifestSegment extends ExpectedSegment {
  readonly epoch: Epoch;
  readonly rows: number;
}

/** Operators whose state was no longer wanted from a checkpoint on. */
export interface DroppedOperators {
  readonly epoch: Epoch;
  readonly operators: readonly string[];
}

/**
 * One checkpoint, complete in itself: the state at `record.epoch` is the snapshot, then the segments in order, with the operators left out
 * that were dropped on the way, and the rows of `fleeting`.
 */
export interface Manifest {
  readonly sequence: number;
  readonly previous: { readonly sequence: number; readonly sha256: string } | null;
  readonly incarnation: number;
  readonly record: EpochRecord;
  /** Position of that record in the log of epochs: what follows it has to be there to be replayed. */
  readonly recordPosition: number;
  /** All of the state at `epoch`; null while there has never been one. */
  readonly snapshot: ManifestSegment | null;
  /** Changes since the snapshot, ascending by epoch. */
  readonly segments: readonly ManifestSegment[];
  readonly dropped: readonly DroppedOperators[];
  /** Of all checkpoints, oldest first, as long as they have rows that are not deleted. */
  readonly fleeting: readonly FleetingSegment[];
  /** Last durable positions of the logs at the time: they can only have grown since. */
  readonly logEnds: LogPositions;
  /** Positions up to which the logs may have been cut off at their beginning. */
  readonly logFloors: Omit<LogPositions, 'catalog'>;
}

export interface LogPositions {
  readonly epochs: number;
  readonly embedded: number;
  readonly catalog: number;
}

/** A manifest and the hash by which its successor and the base refer to it. */
export interface StoredManifest {
  readonly manifest: Manifest;
  readonly sha256: string;
}

const HEADER = 'fsql manifest 1 ';

export function manifestName(sequence: number): string {
  return `manifest-${String(sequence).padStart(12, '0')}`;
}

/** Null for names of other things. */
export function sequenceOfName(name: string): number | null {
  const digits = /^manifest-(\d{12})$/.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** One line with the SHA-256 of what follows, then JSON. */
export function encodeManifest(manifest: Manifest): { readonly bytes: Uint8Array; readonly sha256: string } {
  const body = JSON.stringify(manifest);
  const sha256 = sha256Text(body);
  return { bytes: new TextEncoder().encode(`${HEADER}${sha256}\n${body}`), sha256 };
}

/** Throws XX001 when the bytes are not what was written, or belong to another sequence number. */
export function decodeManifest(file: string, bytes: Uint8Array, sequence: number): StoredManifest {
  const text = decodeText(file, bytes);
  const end = text.indexOf('\n');
  const sha256 = text.slice(HEADER.length, Math.max(end, 0));
  const body = text.slice(end + 1);
  if (!text.startsWith(HEADER) || sha256Text(body) !== sha256) throw damagedFile(file, null, 'it does not fit its checksum');
  const manifest = JSON.parse(body) as Manifest;
  if (manifest.sequence !== sequence) throw damagedFile(file, null, `it is manifest ${manifest.sequence}`);
  return { manifest, sha256 };
}

function decodeText(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw damagedFile(file, null, 'it is not text');
  }
}
