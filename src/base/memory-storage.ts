import { SqlError } from './sql-error.ts';
import { SqlState } from './sql-state.ts';
import type { FileHandle, Storage } from './storage.ts';

interface File {
  bytes: Uint8Array;
}

/** A disk in memory, for what keeps nothing beyond the process. It never fails and never loses anything. */
export function memoryStorage(): Storage {
  const files = new Map<string, File>();
  const folders = new Set<string>(['']);
  const find = (name: string): File => {
    const file = files.get(name);
    if (file === undefined) throw new SqlError({ code: SqlState.undefinedFile, message: `file "${name}" does not exist`, class: 'external' });
    return file;
  };
  const refuseExisting = (name: string): void => {
    if (files.has(name)) throw new SqlError({ code: SqlState.ioError, message: `file "${name}" exists already`, class: 'external' });
  };
  const below = (folder: string, name: string): string | null => {
    const prefix = folder === '' ? '' : `${folder}/`;
    return name !== folder && name.startsWith(prefix) ? (name.slice(prefix.length).split('/')[0] ?? null) : null;
  };
  const names = (folder: string): string[] => {
    const found = [...files.keys(), ...folders].map((name) => below(folder, name)).filter((name) => name !== null && name !== '');
    return [...new Set(found as string[])].sort();
  };
  return {
    open: async (name, mode) => {
      if (mode === 'create') {
        refuseExisting(name);
        files.set(name, { bytes: new Uint8Array(0) });
      }
      return handleOf(find(name));
    },
    readAll: async (name) => find(name).bytes,
    exists: async (name) => files.has(name) || folders.has(name),
    list: async (folder) => names(folder),
    makeDirectory: async (folder) => {
      folders.add(folder);
    },
    link: async (from, to) => {
      if (files.has(to)) return false;
      files.set(to, find(from));
      return true;
    },
    rename: async (from, to) => {
      files.set(to, find(from));
      files.delete(from);
    },
    remove: async (name) => {
      find(name);
      files.delete(name);
    },
    removeDirectory: async (folder) => {
      folders.delete(folder);
    },
    syncDirectory: async () => undefined,
  };
}

function handleOf(file: File): FileHandle {
  return {
    append: async (bytes) => {
      const joined = new Uint8Array(file.bytes.length + bytes.length);
      joined.set(file.bytes);
      joined.set(bytes, file.bytes.length);
      file.bytes = joined;
    },
    read: async (position, length) => file.bytes.slice(position, position + length),
    size: async () => file.bytes.length,
    truncate: async (length) => {
      file.bytes = file.bytes.slice(0, length);
    },
    sync: async () => undefined,
    close: async () => undefined,
  };
}
