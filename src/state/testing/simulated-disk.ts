import { type FileHandle, type Random, SqlError, SqlState, type Storage } from '../../base/index.ts';
import type { KeyValueStoreFactory } from '../leveldb/index.ts';
import { MemoryKeyValuePlace } from '../leveldb/index.ts';

/** Thrown by the call during which the machine stops, and by every later one. */
export class MachineStopped extends Error {
  constructor() {
    super('the machine has stopped');
    this.name = 'MachineStopped';
  }
}

export type FaultKind = 'stop' | 'noSpace' | 'ioError';

interface Inode {
  /** Replaced, never written to: what was synced may be the same. */
  bytes: Uint8Array;
  /** What surely survives a stop of the machine. */
  synced: Uint8Array;
  /** A failed fsync has dropped pages: later ones succeed and change nothing, as Linux has it. */
  untrustworthy: boolean;
}

type NameChange = (names: Map<string, Inode>) => void;

/**
 * A disk in memory that keeps the crash model of Storage to the letter. Every call counts; at the call of choice the machine stops, the disk
 * is full, or the call fails. After a stop `restart` decides by chance what of the unsynced bytes and names has survived.
 */
export class SimulatedDisk {
  readonly #random: Random;
  #names = new Map<string, Inode>();
  #syncedNames = new Map<string, Inode>();
  /** Changes of names since the last syncDirectory, by folder. */
  #nameChanges = new Map<string, NameChange[]>();
  #folders = new Set<string>(['']);
  #fault: { readonly at: number; readonly kind: FaultKind; readonly lasting: boolean } | null = null;
  #stopped = false;
  #calls = 0;
  #starts = 0;
  readonly keyValuePlace = new MemoryKeyValuePlace();

  constructor(random: Random) {
    this.#random = random;
  }

  get calls(): number {
    return this.#calls;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Lets call number `at` (from now, counting from 1) fail; a `lasting` one lets all later calls of its kind fail too. */
  failAt(at: number, kind: FaultKind, lasting = false): void {
    this.#fault = { at: this.#calls + at, kind, lasting };
  }

  /** No more faults. */
  repair(): void {
    this.#fault = null;
  }

  /** The machine comes back: unsynced names and bytes are there, in part, or not. */
  restart(): void {
    for (const changes of this.#nameChanges.values()) for (const change of changes) if (this.#random.nextInt(2) === 0) change(this.#syncedNames);
    this.#nameChanges = new Map();
    // Others in their places: whoever had one open writes to nothing now.
    const inodes = new Map<Inode, Inode>();
    for (const inode of new Set(this.#syncedNames.values())) {
      const bytes = this.#torn(inode);
      inodes.set(inode, { bytes, synced: bytes, untrustworthy: false });
    }
    this.#syncedNames = new Map([...this.#syncedNames].map(([name, inode]) => [name, inodes.get(inode)!]));
    this.#names = new Map(this.#syncedNames);
    this.#stopped = false;
    this.#fault = null;
    this.#starts++;
  }

  /** Names of all files. */
  files(): string[] {
    return [...this.#names.keys()].sort();
  }

  /** The bytes of a file; a test that damages them puts others there with `poke`. */
  peek(name: string): Uint8Array {
    return this.#inode(name).bytes;
  }

  poke(name: string, bytes: Uint8Array): void {
    const inode = this.#inode(name);
    inode.bytes = bytes;
    inode.synced = bytes;
  }

  delete(name: string): void {
    this.#names.delete(name);
    this.#syncedNames.delete(name);
  }

  /** A copy that shares nothing. */
  copy(): SimulatedDisk {
    const copy = new SimulatedDisk(this.#random);
    const inodes = new Map(
      [...new Set(this.#names.values())].map((inode) => [inode, { ...inode, bytes: inode.bytes.slice(), synced: inode.synced.slice() }]),
    );
    for (const [name, inode] of this.#names) copy.#names.set(name, inodes.get(inode)!);
    for (const [name, inode] of this.#syncedNames) if (inodes.has(inode)) copy.#syncedNames.set(name, inodes.get(inode)!);
    copy.#folders = new Set(this.#folders);
    for (const [key, value] of this.keyValuePlace.values) copy.keyValuePlace.values.set(key, value.slice());
    return copy;
  }

  storage(): Storage {
    const call = this.#caller();
    return {
      open: async (name, mode) => {
        call(mode === 'create');
        if (mode === 'create') this.#create(name);
        return this.#handle(this.#inode(name), call);
      },
      readAll: async (name) => {
        call(false);
        return this.#inode(name).bytes.slice();
      },
      exists: async (name) => {
        call(false);
        return this.#names.has(name) || this.#folders.has(name);
      },
      list: async (folder) => {
        call(false);
        return this.#entries(folder);
      },
      makeDirectory: async (folder) => {
        call(true);
        this.#folders.add(folder);
      },
      link: async (from, to) => {
        call(true);
        if (this.#names.has(to)) return false;
        const inode = this.#inode(from);
        this.#change(to, (names) => names.set(to, inode));
        return true;
      },
      rename: async (from, to) => {
        call(true);
        const inode = this.#inode(from);
        this.#change(to, (names) => {
          names.delete(from);
          names.set(to, inode);
        });
      },
      remove: async (name) => {
        call(false);
        this.#inode(name);
        this.#change(name, (names) => names.delete(name));
      },
      removeDirectory: async (folder) => {
        call(false);
        this.#folders.delete(folder);
      },
      syncDirectory: async (folder) => {
        call(false);
        for (const change of this.#nameChanges.get(folder) ?? []) change(this.#syncedNames);
        this.#nameChanges.delete(folder);
      },
    };
  }

  /** A key-value store on this disk: whole batches, durable when they resolve. */
  keyValueStore(place: KeyValueStoreFactory = this.keyValuePlace): KeyValueStoreFactory {
    const call = this.#caller();
    return {
      open: async () => {
        call(false);
        const store = await place.open();
        return {
          getMany: async (keys) => {
            call(false);
            return store.getMany(keys);
          },
          batch: async (changes) => {
            try {
              call(true);
            } catch (error) {
              // The batch of the very call may have gone through.
              if (error instanceof MachineStopped && this.#random.nextInt(2) === 0) await store.batch(changes);
              throw error;
            }
            await store.batch(changes);
          },
          iterate: (prefix) => store.iterate(prefix),
          close: () => store.close(),
        };
      },
      destroy: async () => {
        call(false);
        await place.destroy();
      },
    };
  }

  #handle(inode: Inode, call: (needsSpace: boolean) => void): FileHandle {
    return {
      append: async (bytes) => {
        try {
          call(true);
        } catch (error) {
          const written = this.#random.nextInt(bytes.length + 1);
          inode.bytes = joined(inode.bytes, bytes.subarray(0, written));
          throw error;
        }
        inode.bytes = joined(inode.bytes, bytes);
      },
      read: async (position, length) => {
        call(false);
        return inode.bytes.slice(position, position + length);
      },
      size: async () => {
        call(false);
        return inode.bytes.length;
      },
      truncate: async (length) => {
        call(false);
        inode.bytes = length <= inode.bytes.length ? inode.bytes.slice(0, length) : joined(inode.bytes, new Uint8Array(length - inode.bytes.length));
      },
      sync: async () => {
        try {
          call(false);
        } catch (error) {
          inode.untrustworthy = true;
          throw error;
        }
        if (!inode.untrustworthy) inode.synced = inode.bytes;
      },
      close: async () => {
        if (this.#stopped) throw new MachineStopped();
      },
    };
  }

  /** Counts the calls of those who have opened the disk now: when the machine has stopped meanwhile, they reach it no more. */
  #caller(): (needsSpace: boolean) => void {
    const start = this.#starts;
    return (needsSpace) => {
      if (start !== this.#starts) throw new MachineStopped();
      this.#call(needsSpace);
    };
  }

  #call(needsSpace: boolean): void {
    if (this.#stopped) throw new MachineStopped();
    this.#calls++;
    const fault = this.#fault;
    if (fault === null || this.#calls < fault.at || (!fault.lasting && this.#calls > fault.at)) return;
    if (fault.kind === 'stop') {
      this.#stopped = true;
      throw new MachineStopped();
    }
    const fields = { class: 'external' as const };
    if (fault.kind === 'ioError') throw new SqlError({ ...fields, code: SqlState.ioError, message: `input/output error at call ${this.#calls}` });
    if (needsSpace) throw new SqlError({ ...fields, code: SqlState.diskFull, message: `no space left on device at call ${this.#calls}` });
    // The first call that needs space is meant.
    if (!fault.lasting) this.#fault = { ...fault, at: fault.at + 1 };
  }

  #create(name: string): void {
    if (this.#names.has(name)) throw new SqlError({ code: SqlState.ioError, message: `file "${name}" exists already`, class: 'external' });
    const empty = new Uint8Array(0);
    const inode: Inode = { bytes: empty, synced: empty, untrustworthy: false };
    this.#change(name, (names) => names.set(name, inode));
  }

  #change(name: string, change: NameChange): void {
    change(this.#names);
    const folder = folderOf(name);
    const changes = this.#nameChanges.get(folder);
    if (changes === undefined) this.#nameChanges.set(folder, [change]);
    else changes.push(change);
  }

  #inode(name: string): Inode {
    const inode = this.#names.get(name);
    if (inode === undefined) throw new SqlError({ code: SqlState.undefinedFile, message: `file "${name}" does not exist`, class: 'external' });
    return inode;
  }

  #entries(folder: string): string[] {
    const prefix = folder === '' ? '' : `${folder}/`;
    const names = [...this.#names.keys(), ...this.#folders].filter((name) => name !== '' && name.startsWith(prefix));
    return [...new Set(names.map((name) => name.slice(prefix.length).split('/')[0]!))].filter((name) => name !== '').sort();
  }

  /** The synced bytes, the bytes as they were, or something between: cut anywhere, or extended by zeros whose data never came. */
  #torn({ bytes, synced }: Inode): Uint8Array {
    let common = 0;
    while (common < bytes.length && common < synced.length && bytes[common] === synced[common]) common++;
    if (common < synced.length) return this.#random.nextInt(2) === 0 ? synced : bytes;
    const cut = synced.length + this.#random.nextInt(bytes.length - synced.length + 1);
    const kept = bytes.slice(0, cut);
    return this.#random.nextInt(4) === 0 ? joined(kept, new Uint8Array(bytes.length - cut)) : kept;
  }
}

function folderOf(name: string): string {
  return name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : '';
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(left.length + right.length);
  bytes.set(left);
  bytes.set(right, left.length);
  return bytes;
}
