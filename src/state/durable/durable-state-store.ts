import { assert, type Logger, type Storage } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import { isDamage } from '../damage.ts';
import type { CheckedFile, CheckpointImage, CheckpointSummary, EpochRecord, SegmentReference, StateBlock, StateStore } from '../state-store.ts';
import type { AppendLog } from './append-log.ts';
import type { Base } from './base.ts';
import { checkDirectory } from './check-directory.ts';
import { folders } from './directory-format.ts';
import type { DurableCatalogLog } from './durable-catalog-log.ts';
import { DurableEmbeddedLog } from './durable-embedded-log.ts';
import type { EpochLog } from './epoch-log.ts';
import { Exclusive } from './exclusive.ts';
import {
  deletionsOf,
  type FleetingChanges,
  fleetingAfter,
  fleetingBlocks,
  fleetingChanges,
  knowsAll,
  withFleetingTables,
} from './fleeting-segments.ts';
import type { Incarnation } from './incarnation.ts';
import type { Lease } from './lease.ts';
import type { Manifest, ManifestSegment, StoredManifest } from './manifest.ts';
import type { ManifestChain } from './manifest-chain.ts';
import { manifestSteps, tableAfter } from './manifest-steps.ts';
import type { Recovered } from './recovery.ts';
import { removeUnneeded, segmentName } from './retention.ts';
import { SegmentWriter, type WrittenSegment } from './segment-writer.ts';
import type { StateLimits } from './state-limits.ts';

export interface StoreLogs {
  readonly epochs: EpochLog;
  readonly embedded: AppendLog;
  readonly catalog: DurableCatalogLog;
}

export interface DurableStateStoreParts {
  readonly storage: Storage;
  readonly chain: ManifestChain;
  readonly base: Base;
  readonly logger: Logger;
  readonly limits: StateLimits;
  readonly logs: StoreLogs;
  readonly recovered: Recovered;
  readonly incarnation: Incarnation;
  readonly lease: Lease;
  /** Ends what holds the directory. */
  readonly release: () => Promise<void>;
}

/** A StateStore on disk, opened and recovered (open-state-store.ts). */
export class DurableStateStore implements StateStore {
  readonly incarnation: number;
  readonly embeddedLog: DurableEmbeddedLog;
  readonly catalogLog: DurableCatalogLog;
  readonly #parts: DurableStateStoreParts;
  readonly #restored: Manifest | null;
  readonly #toReplay: readonly EpochRecord[];
  /** Checkpoints that could be restored, newest first. */
  #retained: readonly StoredManifest[];
  #lastSequence: number;
  /** By the name of the reference handed out. */
  readonly #prepared = new Map<string, Prepared>();
  /** Operators with state at the newest checkpoint. */
  readonly #operators: Set<string>;
  /** A snapshot on disk that the next manifest will name. */
  #snapshot: ManifestSegment | null = null;
  #snapshotWanted: boolean;
  /** Wishes to release the embedded log, each with the newest manifest at its time. */
  #wishes: { readonly sequence: number; readonly position: number }[] = [];
  #files = 0;
  readonly #commits = new Exclusive();
  readonly #baseWork = new Exclusive();

  constructor(parts: DurableStateStoreParts) {
    const { recovered, logs, base, incarnation } = parts;
    this.#parts = parts;
    this.incarnation = incarnation.number;
    this.#retained = recovered.retained;
    this.#restored = recovered.retained[0]?.manifest ?? null;
    this.#toReplay = logs.epochs.recordsAfter(this.#restored?.record.epoch ?? 0);
    this.#lastSequence = recovered.lastSequence;
    const fleeting = this.#restored?.fleeting.flatMap(({ live }) => live.map(([operatorId]) => operatorId)) ?? [];
    this.#operators = new Set([...base.operators(), ...fleeting]);
    this.#snapshotWanted = recovered.incomplete;
    this.catalogLog = logs.catalog;
    this.embeddedLog = new DurableEmbeddedLog(logs.embedded, (position) => this.#wishes.push({ sequence: this.#lastSequence, position }));
  }

  confirmLead(): Promise<void> | null {
    return this.#parts.lease.confirm();
  }

  restoredRecord(): EpochRecord | null {
    return this.#restored?.record ?? null;
  }

  recordsToReplay(): readonly EpochRecord[] {
    return this.#toReplay;
  }

  restoredOperators(): ReadonlySet<string> {
    return new Set(this.#operators);
  }

  appendEpochRecord(record: EpochRecord): Promise<void> {
    return this.#parts.logs.epochs.append(record);
  }

  async prepare(epoch: Epoch, slot: number, blocks: readonly StateBlock[]): Promise<SegmentReference> {
    assert(epoch > this.#committedEpoch, `prepare ${epoch} after the commit of ${this.#committedEpoch}`);
    const own = blocks.filter((block) => block.fleeting);
    const changes = fleetingChanges(own);
    // A row that came with a savepoint is in the base, so its deletion has to go there.
    const known = knowsAll(this.#retained[0]?.manifest.fleeting ?? [], changes.gone);
    const lasting = known ? blocks.filter((block) => !block.fleeting) : blocks.map((block) => (block.fleeting ? deletionsOf(block) : block));
    const written = own.length > 0 && lasting.length === 0 ? null : await this.#writeSegment(epoch, slot, lasting);
    const fleeting = own.length === 0 ? null : { ...(await this.#writeSegment(epoch, slot, own)), changes };
    const [first, second] = [written?.reference, fleeting?.reference];
    const reference = first === undefined ? second! : { ...first, bytes: first.bytes + (second?.bytes ?? 0), rows: first.rows + (second?.rows ?? 0) };
    this.#prepared.set(reference.file, { epoch, written, fleeting });
    return reference;
  }

  commit(record: EpochRecord, segments: readonly SegmentReference[], operators: readonly string[]): Promise<CheckpointSummary> {
    return this.#commits.run(() => this.#commit(record, segments, operators));
  }

  confirm(epoch: Epoch): Promise<void> {
    return this.#baseWork.run(async () => {
      const newest = this.#retained[0];
      assert(newest !== undefined && epoch <= newest.manifest.record.epoch, `confirm ${epoch} before its commit`);
      await this.#applyToBase(newest);
      await this.#parts.base.compact(this.#parts.limits.compactionBytesMax);
      await this.#removeUnneeded();
      if (this.#isSnapshotDue(newest.manifest)) await this.#writeSnapshot(newest.manifest);
    });
  }

  async *load(operatorId: string, table: string): AsyncIterable<StateBlock> {
    yield* await this.#baseWork.run(() => this.#read(operatorId, table));
  }

  readCheckpoint<Result>(read: (image: CheckpointImage | null) => Promise<Result>): Promise<Result> {
    return this.#baseWork.run(async () => {
      const newest = this.#retained[0];
      if (newest === undefined) return read(null);
      await this.#applyToBase(newest);
      const { base, storage, logger } = this.#parts;
      const image: CheckpointImage = {
        record: newest.manifest.record,
        tables: () => withFleetingTables(base.imageTables(), newest.manifest.fleeting),
        load: async ({ operatorId, table }, keyGroup) => [
          ...(await base.loadGroup(operatorId, table, keyGroup)),
          ...(await fleetingBlocks(storage, newest.manifest.fleeting, { operatorId, table, keyGroup })),
        ],
      };
      try {
        return await read(image);
      } catch (error) {
        if (!isDamage(error)) throw error;
        logger.log('warn', 'the base is damaged', { error });
      }
      await this.#rebuildBase(newest);
      return read(image);
    });
  }

  check(): Promise<readonly CheckedFile[]> {
    return this.#baseWork.run(async () => {
      const newest = this.#retained[0];
      if (newest !== undefined) await this.#applyToBase(newest);
      const found: CheckedFile[] = [];
      for await (const file of checkDirectory({ ...this.#parts, retained: this.#retained })) found.push(file);
      const isDamaged = (kind: CheckedFile['kind']): boolean => found.some((file) => file.kind === kind && file.problem !== null);
      // One of the two is a copy of the other.
      if (isDamaged('checkpoint')) this.#snapshotWanted = true;
      else if (isDamaged('base') && newest !== undefined) await this.#rebuildBase(newest);
      return found;
    });
  }

  async close(): Promise<void> {
    const { base, logs, release } = this.#parts;
    await this.#commits.run(async () => undefined);
    await this.#baseWork.run(() => base.close());
    await logs.epochs.log.close();
    await logs.embedded.close();
    await logs.catalog.log.close();
    await release();
  }

  get #committedEpoch(): Epoch {
    return this.#retained[0]?.manifest.record.epoch ?? 0;
  }

  async #commit(record: EpochRecord, segments: readonly SegmentReference[], operators: readonly string[]): Promise<CheckpointSummary> {
    assert(record.epoch > this.#committedEpoch, `commit ${record.epoch} after ${this.#committedEpoch}`);
    const prepared = segments.map(({ file }) => {
      const segment = this.#prepared.get(file);
      assert(segment !== undefined && segment.epoch === record.epoch, `segment ${file} was never prepared for ${record.epoch}`);
      return segment;
    });
    const own = prepared.flatMap(({ written, fleeting }) => [...(written?.operators ?? []), ...(fleeting?.operators ?? [])]);
    const known = new Set([...this.#operators, ...own]);
    const wanted = new Set(operators);
    const dropped = [...known].filter((operator) => !wanted.has(operator));
    const snapshot = this.#snapshot;
    const manifest = this.#nextManifest({ record, prepared, dropped, snapshot });
    const sha256 = await this.#parts.chain.link(manifest);
    this.#retained = [{ manifest, sha256 }, ...this.#retained].slice(0, this.#parts.limits.retainedCheckpoints);
    this.#lastSequence = manifest.sequence;
    if (this.#snapshot === snapshot) this.#snapshot = null;
    this.#operators.clear();
    for (const operator of known) if (wanted.has(operator)) this.#operators.add(operator);
    for (const [file, segment] of this.#prepared) if (segment.epoch <= record.epoch) this.#prepared.delete(file);
    const sum = (of: (segment: SegmentReference) => number): number => segments.reduce((total, segment) => total + of(segment), 0);
    return { epoch: record.epoch, bytes: sum((segment) => segment.bytes), rows: sum((segment) => segment.rows), segments: segments.length };
  }

  async #writeSegment(epoch: Epoch, slot: number, blocks: readonly StateBlock[]): Promise<WrittenSegment> {
    const name = segmentName({ epoch, slot, incarnation: this.incarnation, number: ++this.#files });
    return SegmentWriter.write(this.#parts.storage, { folder: folders.segments, name }, blocks);
  }

  #nextManifest(next: {
    record: EpochRecord;
    prepared: readonly Prepared[];
    dropped: readonly string[];
    snapshot: ManifestSegment | null;
  }): Manifest {
    const { logs, limits } = this.#parts;
    const { record, prepared, dropped } = next;
    const written = prepared.flatMap((one) => one.written ?? []);
    const fleeting = prepared.flatMap((one) => one.fleeting ?? []);
    const previous = this.#retained[0];
    const snapshot = next.snapshot ?? previous?.manifest.snapshot ?? null;
    const since = snapshot?.epoch ?? 0;
    const oldest = this.#retained[limits.retainedCheckpoints - 2] ?? this.#retained.at(-1);
    return {
      sequence: this.#lastSequence + 1,
      previous: previous === undefined ? null : { sequence: previous.manifest.sequence, sha256: previous.sha256 },
      incarnation: this.incarnation,
      record,
      recordPosition: logs.epochs.positionOf(record.epoch),
      snapshot,
      segments: [
        ...(previous?.manifest.segments ?? []).filter(({ epoch }) => epoch > since),
        ...written.map((segment) => manifestSegment(record.epoch, segment)),
      ],
      dropped: [
        ...(previous?.manifest.dropped ?? []).filter(({ epoch }) => epoch > since),
        ...(dropped.length === 0 ? [] : [{ epoch: record.epoch, operators: dropped }]),
      ],
      fleeting: fleetingAfter(
        previous?.manifest.fleeting ?? [],
        fleeting.map(({ changes, ...segment }) => ({ segment: manifestSegment(record.epoch, segment), changes })),
        dropped,
      ),
      logEnds: { epochs: logs.epochs.log.lastPosition, embedded: logs.embedded.lastPosition, catalog: logs.catalog.log.lastPosition },
      logFloors: {
        epochs: logs.epochs.positionOf(oldest?.manifest.record.epoch ?? 0),
        embedded: this.#embeddedFloor(oldest?.manifest.sequence ?? 0),
      },
    };
  }

  /** The highest position whose release was wished for when a checkpoint not newer than the oldest retained one was the newest. */
  #embeddedFloor(oldestSequence: number): number {
    const due = this.#wishes.filter(({ sequence }) => sequence <= oldestSequence);
    this.#wishes = this.#wishes.filter(({ sequence }) => sequence > oldestSequence);
    return due.reduce((highest, { position }) => Math.max(highest, position), this.#retained[0]?.manifest.logFloors.embedded ?? 0);
  }

  async #applyToBase({ manifest, sha256 }: StoredManifest): Promise<void> {
    const { base, storage, logger } = this.#parts;
    const mark = { applied: manifest.record.epoch, sha256 };
    const { head } = base;
    if (head !== null && head.applied === mark.applied) return;
    if (head !== null && head.applied >= (manifest.snapshot?.epoch ?? 0)) {
      await base.apply(manifestSteps(storage, manifest, head.applied), mark);
      return;
    }
    logger.log('warn', 'the base is built again from snapshot and segments', { checkpoint: mark.applied });
    await this.#rebuildBase({ manifest, sha256 });
  }

  async #rebuildBase({ manifest, sha256 }: StoredManifest): Promise<void> {
    const { base, storage } = this.#parts;
    await base.rebuild(manifestSteps(storage, manifest, null), { applied: manifest.record.epoch, sha256 });
  }

  async #read(operatorId: string, table: string): Promise<StateBlock[]> {
    const newest = this.#retained[0];
    if (newest === undefined || !this.#operators.has(operatorId)) return [];
    const lasting = await this.#readLasting(newest, operatorId, table);
    return [...lasting, ...(await fleetingBlocks(this.#parts.storage, newest.manifest.fleeting, { operatorId, table }))];
  }

  async #readLasting(newest: StoredManifest, operatorId: string, table: string): Promise<StateBlock[]> {
    const { base, logger } = this.#parts;
    try {
      if (base.head !== null) return await this.#readFrom(newest.manifest, operatorId, table);
    } catch (error) {
      if (!isDamage(error)) throw error;
      logger.log('warn', 'the base is damaged', { error });
    }
    await this.#rebuildBase(newest);
    return this.#readFrom(newest.manifest, operatorId, table);
  }

  async #readFrom(manifest: Manifest, operatorId: string, table: string): Promise<StateBlock[]> {
    const { base, storage } = this.#parts;
    const earlier: StateBlock[] = [];
    for await (const block of base.load(operatorId, table)) earlier.push(block);
    return tableAfter(storage, manifest, { operatorId, table, after: base.head?.applied ?? 0, earlier });
  }

  /** Everything here is named as unneeded by a manifest that is durable. */
  async #removeUnneeded(): Promise<void> {
    const { storage, chain, logs, limits } = this.#parts;
    const retained = this.#retained;
    const newest = retained[0]!.manifest;
    if (retained.length >= limits.retainedCheckpoints) {
      await removeUnneeded(storage, chain, {
        retained,
        through: newest.record.epoch,
        incarnation: this.incarnation,
        keep: this.#snapshot?.file ?? null,
      });
    }
    await logs.epochs.release(newest.logFloors.epochs);
    await logs.embedded.release(newest.logFloors.embedded);
  }

  #isSnapshotDue({ snapshot, segments }: Manifest): boolean {
    const { segmentsMax, segmentShareMax, snapshotBytesMin } = this.#parts.limits;
    if (this.#snapshot !== null) return false;
    const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
    return this.#snapshotWanted || segments.length > segmentsMax || bytes > Math.max(snapshotBytesMin, (snapshot?.bytes ?? 0) * segmentShareMax);
  }

  async #writeSnapshot(manifest: Manifest): Promise<void> {
    const { storage, base } = this.#parts;
    const { epoch } = manifest.record;
    const name = segmentName({ epoch, slot: 0, incarnation: this.incarnation, number: ++this.#files });
    const writer = await SegmentWriter.open(storage, folders.snapshots, name);
    this.#snapshot = manifestSegment(epoch, await writer.writeAll(base.loadAll()));
    this.#snapshotWanted = false;
  }
}

/** What was written for one call of `prepare`. */
interface Prepared {
  readonly epoch: Epoch;
  readonly written: WrittenSegment | null;
  readonly fleeting: (WrittenSegment & { readonly changes: FleetingChanges }) | null;
}

function manifestSegment(epoch: Epoch, { reference, digest }: WrittenSegment): ManifestSegment {
  const { file, bytes, rows, crc32c } = reference;
  return { epoch, file, bytes, rows, crc32c, digest };
}
