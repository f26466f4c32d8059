import { SqlError, type Storage, toSqlError } from '../../base/index.ts';
import { damagedFile, isDamage } from '../damage.ts';
import { type Incarnation, takenOver } from './incarnation.ts';
import { decodeManifest, encodeManifest, type Manifest, manifestName, type StoredManifest, sequenceOfName } from './manifest.ts';
import { removeFile } from './remove-file.ts';

export interface FoundManifests {
  /** Newest first, each the successor of the next; at most as many as are retained. */
  readonly valid: readonly StoredManifest[];
  /** What could not be used and why. */
  readonly damaged: readonly SqlError[];
  /** The highest sequence number there is a file of, sound or not; 0 when there is none. */
  readonly lastSequence: number;
}

/** The manifests on disk. Linking a name that did not exist is the one commit point; who finds the name taken has lost the directory. */
export class ManifestChain {
  readonly #storage: Storage;
  readonly #folder: string;
  readonly #incarnation: Incarnation;
  #failure: SqlError | null = null;

  constructor(storage: Storage, folder: string, incarnation: Incarnation) {
    this.#storage = storage;
    this.#folder = folder;
    this.#incarnation = incarnation;
  }

  path(sequence: number): string {
    return `${this.#folder}/${manifestName(sequence)}`;
  }

  /** Reads back from the newest. A damaged manifest is skipped; two sound ones that do not belong together are XX001. */
  async find(retained: number): Promise<FoundManifests> {
    const sequences = await this.#sequences();
    const valid: StoredManifest[] = [];
    const damaged: SqlError[] = [];
    for (const sequence of sequences) {
      if (valid.length >= retained) break;
      const newer = valid.at(-1)?.manifest;
      // What lies between a manifest and its predecessor was given up when its successor was made.
      if (newer !== undefined && sequence > (newer.previous?.sequence ?? 0)) continue;
      try {
        const stored = decodeManifest(this.path(sequence), await this.#storage.readAll(this.path(sequence)), sequence);
        if (newer !== undefined && newer.previous?.sequence !== sequence) break;
        if (newer !== undefined) this.#checkLink(newer, stored);
        valid.push(stored);
      } catch (error) {
        if (!isDamage(error) || error instanceof BrokenChain) throw error;
        damaged.push(error);
        if (newer !== undefined) break;
      }
    }
    return { valid, damaged, lastSequence: sequences[0] ?? 0 };
  }

  #checkLink(newer: Manifest, older: StoredManifest): void {
    const follows = newer.previous?.sha256 === older.sha256 && newer.record.epoch > older.manifest.record.epoch;
    if (follows && newer.incarnation >= older.manifest.incarnation) return;
    throw new BrokenChain(damagedFile(this.path(older.manifest.sequence), null, `"${manifestName(newer.sequence)}" goes on from a different one`));
  }

  /** Resolves to the hash when manifest and name are durable. Throws 55006 when another server has made this manifest. */
  async link(manifest: Manifest): Promise<string> {
    if (this.#failure !== null) throw this.#failure;
    const { bytes, sha256 } = encodeManifest(manifest);
    const temporary = this.#incarnation.temporary(this.#folder);
    await this.#write(temporary, bytes);
    await this.#commitTo(temporary, manifest.sequence);
    // A left-over is swept away at the next start.
    await this.#storage.remove(temporary).catch(() => undefined);
    return sha256;
  }

  async #write(temporary: string, bytes: Uint8Array): Promise<void> {
    const file = await this.#storage.open(temporary, 'create');
    try {
      await file.append(bytes);
      await file.sync();
      await file.close();
    } catch (error) {
      await file.close().catch(() => undefined);
      await this.#storage.remove(temporary).catch(() => undefined);
      throw error;
    }
  }

  /** When this fails nobody knows whether the manifest is there: the chain ends here until the directory is opened again. */
  async #commitTo(temporary: string, sequence: number): Promise<void> {
    try {
      await this.#incarnation.check();
      const linked = await this.#storage.link(temporary, this.path(sequence));
      if (!linked) throw takenOver(`Manifest ${sequence} exists already.`);
      await this.#storage.syncDirectory(this.#folder);
    } catch (error) {
      this.#failure = toSqlError(error);
      throw error;
    }
  }

  /** Removes all manifests before `sequence`, oldest first. */
  async removeBefore(sequence: number): Promise<void> {
    const older = (await this.#sequences()).filter((candidate) => candidate < sequence);
    for (const candidate of older.reverse()) await removeFile(this.#storage, this.path(candidate));
    if (older.length > 0) await this.#storage.syncDirectory(this.#folder);
  }

  /** Highest first. */
  async #sequences(): Promise<number[]> {
    const names = await this.#storage.list(this.#folder);
    const sequences = names.map(sequenceOfName).filter((sequence) => sequence !== null);
    return sequences.sort((left, right) => right - left);
  }
}

/** Not to be taken for damage of one file, which an older checkpoint would help against: two histories have been mixed. */
class BrokenChain extends SqlError {
  constructor(error: SqlError) {
    super(error.fields());
  }
}
