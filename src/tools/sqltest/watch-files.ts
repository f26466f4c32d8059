import { type FSWatcher, watch } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { FileOutcome } from './run-file.ts';

export interface WatchOptions {
  /** The files there are now. */
  readonly list: () => readonly string[];
  readonly run: (files: readonly string[]) => Promise<readonly FileOutcome[]>;
  readonly signal: AbortSignal;
}

/** Editors write a file in several steps. */
const QUIET_MS = 100;

/** Runs all files, then, until the signal, those that are new, have changed or include what has changed. */
export async function watchFiles({ list, run, signal }: WatchOptions): Promise<void> {
  const reads = new Map<string, readonly string[]>();
  const watchers = new Map<string, FSWatcher>();
  const changed = new Set<string>();
  let wake: () => void = () => undefined;
  let timer: NodeJS.Timeout | undefined;
  const follow = (path: string): void => {
    const folder = dirname(path);
    if (watchers.has(folder)) return;
    const watcher = watch(folder, (_event, name) => {
      if (name === null) return;
      changed.add(resolve(folder, name));
      clearTimeout(timer);
      timer = setTimeout(() => wake(), QUIET_MS);
    });
    // A folder that goes away takes its tests with it.
    watcher.on('error', () => watchers.delete(folder));
    watchers.set(folder, watcher);
  };
  signal.addEventListener('abort', () => wake());
  try {
    while (!signal.aborted) {
      const files = list().filter((file) => reads.get(file)?.some((path) => changed.has(resolve(path))) ?? true);
      changed.clear();
      for (const file of files) follow(resolve(file));
      if (files.length > 0) {
        for (const outcome of await run(files)) {
          reads.set(outcome.file, outcome.reads);
          for (const path of outcome.reads) follow(resolve(path));
        }
      }
      if (changed.size === 0 && !signal.aborted)
        await new Promise<void>((resolved) => {
          wake = resolved;
        });
    }
  } finally {
    clearTimeout(timer);
    for (const watcher of watchers.values()) watcher.close();
  }
}
