import { SqlError, SqlState, type Storage } from '../../base/index.ts';
import { sha256File, sha256Text } from '../checksum.ts';
import { readSegment } from '../durable/segment-reader.ts';
import type { StateBlock } from '../state-store.ts';
import { damagedSavepoint, notASavepoint } from './savepoint-error.ts';
import {
  CATALOG_FILE,
  COMMIT_FILE,
  checkCommit,
  MANIFEST_FILE,
  PROGRESS_FILE,
  type SavepointFile,
  type SavepointManifest,
  type SavepointProgress,
  STATE_FOLDER,
  type StateFile,
} from './savepoint-format.ts';

export interface FileProblem {
  readonly file: string;
  readonly problem: string;
}

/** A savepoint on a disk, to be read. */
export class Savepoint {
  /** The directory, for people. */
  readonly place: string;
  readonly manifest: SavepointManifest;
  readonly #storage: Storage;

  /** Of the manifest, and so of all of it. */
  readonly sha256: string;

  private constructor(storage: Storage, place: string, text: string) {
    this.#storage = storage;
    this.place = place;
    this.manifest = JSON.parse(text) as SavepointManifest;
    this.sha256 = sha256Text(text);
  }

  /** Reads COMMIT and the manifest. Throws 58P01 for a directory that holds no savepoint, 55000 for another version's, XX001 for a damaged one. */
  static async open(storage: Storage, place: string): Promise<Savepoint> {
    const manifest = await readText(storage, MANIFEST_FILE);
    const commit = await readText(storage, COMMIT_FILE);
    if (commit === null) {
      throw notASavepoint(
        place,
        manifest === null ? 'It has no file "COMMIT".' : 'It has no file "COMMIT": it was never finished, or not copied whole.',
      );
    }
    if (manifest === null) throw damagedSavepoint(place, MANIFEST_FILE, 'it is missing');
    checkCommit(commit, manifest, place);
    return new Savepoint(storage, place, manifest);
  }

  /** Names what is missing, damaged or another file. */
  async verify(): Promise<FileProblem[]> {
    const { files, state } = this.manifest;
    const problems: FileProblem[] = [];
    for (const file of [...files, ...state]) {
      const problem = await this.#problemOf(file);
      if (problem !== null) problems.push({ file: file.name, problem });
    }
    const known = new Set(state.map(({ name }) => name));
    const found = await this.#storage.list(STATE_FOLDER).catch(() => []);
    for (const name of found.map((one) => `${STATE_FOLDER}/${one}`)) {
      if (!known.has(name)) problems.push({ file: name, problem: 'it is no part of the savepoint' });
    }
    return problems;
  }

  /** Throws XX001 with the first problem. */
  async requireSound(): Promise<void> {
    const [first] = await this.verify();
    if (first !== undefined) throw damagedSavepoint(this.place, first.file, first.problem);
  }

  /** The definitions, as they were given to writeSavepoint. */
  catalog(): Promise<string> {
    return this.#checkedText(CATALOG_FILE);
  }

  async progress(): Promise<SavepointProgress> {
    return JSON.parse(await this.#checkedText(PROGRESS_FILE)) as SavepointProgress;
  }

  /** The rows of one key group, table by table. */
  blocks(file: StateFile): AsyncIterable<StateBlock> {
    return readSegment(this.#storage, { ...file, file: file.name });
  }

  async #problemOf(file: SavepointFile): Promise<string | null> {
    try {
      const handle = await this.#storage.open(file.name, 'read');
      const size = await handle.size().finally(() => handle.close());
      const sha256 = await sha256File(this.#storage, file.name);
      if (sha256 === file.sha256) return null;
      const other = [...this.manifest.files, ...this.manifest.state].find((one) => one.sha256 === sha256);
      if (other !== undefined) return `it is "${other.name}"`;
      return size === file.bytes ? 'it does not fit its SHA-256' : `it has ${size} bytes instead of ${file.bytes}`;
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      return error.code === SqlState.undefinedFile ? 'it is missing' : error.message;
    }
  }

  async #checkedText(name: string): Promise<string> {
    const expected = this.manifest.files.find((file) => file.name === name);
    const text = await readText(this.#storage, name);
    if (text === null) throw damagedSavepoint(this.place, name, 'it is missing');
    if (sha256Text(text) !== expected?.sha256) throw damagedSavepoint(this.place, name, 'it does not fit its SHA-256');
    return text;
  }
}

/** Null when there is no such file. */
async function readText(storage: Storage, name: string): Promise<string | null> {
  try {
    return new TextDecoder().decode(await storage.readAll(name));
  } catch (error) {
    if (error instanceof SqlError && error.code === SqlState.undefinedFile) return null;
    throw error;
  }
}
