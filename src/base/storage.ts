/** An open file for appending and positioned reading. */
export interface FileHandle {
  append(bytes: Uint8Array): Promise<void>;
  read(position: number, length: number): Promise<Uint8Array>;
  size(): Promise<number>;
  /** Cuts the file, or extends it by zeros, which take no space. */
  truncate(length: number): Promise<void>;
  /** Resolves only when the bytes are on the medium. An error here is fatal for the file: never retried, never trusted. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Disk as a parameter: a flat name space of files under one data directory ('/' separates folders).
 * Crash model every implementation keeps: bytes appended before a resolved sync() survive; later bytes may be lost or
 * torn at any byte; a created, linked or removed name survives only after syncDirectory() of its folder.
 * Errors of the machine surface as SqlError 53100 (no space), 58030 (I/O), 58P01 (missing).
 */
export interface Storage {
  /** 'create' makes a new file and never overwrites one (58030); 'append' writes behind what is there. */
  open(name: string, mode: 'create' | 'append' | 'read'): Promise<FileHandle>;
  readAll(name: string): Promise<Uint8Array>;
  exists(name: string): Promise<boolean>;
  /** Names of the entries of a folder ('' is the data directory itself), sorted. */
  list(folder: string): Promise<string[]>;
  makeDirectory(folder: string): Promise<void>;
  /** Hard link `from` to `to`; false when `to` exists already (EEXIST), which is how a commit point is fenced. */
  link(from: string, to: string): Promise<boolean>;
  rename(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  removeDirectory(folder: string): Promise<void>;
  syncDirectory(folder: string): Promise<void>;
}
