import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerProcess } from '../processes/index.ts';
import type { Measure } from './flatness.ts';

const KIB = 1024;

/** What a running server takes just now, from /proc, its data directory and its own metrics. */
export async function measureServer(server: ServerProcess): Promise<Record<Measure, number>> {
  const [status, descriptors, metrics, folders] = await Promise.all([
    readFile(`/proc/${server.pid}/status`, 'utf8'),
    readdir(`/proc/${server.pid}/fd`),
    fetch(`http://127.0.0.1:${server.httpPort}/metrics`).then((answer) => answer.text()),
    foldersOf(server.dataDir),
  ]);
  const size = (...names: string[]): number => names.reduce((sum, name) => sum + (folders.get(name)?.bytes ?? 0), 0);
  const logs = size('epochs', 'embedded', 'catalog', 'manifests');
  const all = [...folders.values()];
  return {
    memory: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * KIB,
    heap: sumOf(metrics, 'fsql_process_heap_used_bytes'),
    state: sumOf(metrics, 'fsql_slot_state_bytes'),
    descriptors: descriptors.length,
    threads: Number(/^Threads:\s+(\d+)$/m.exec(status)?.[1]),
    data: all.reduce((sum, { bytes }) => sum + bytes, 0) - logs,
    base: size('base'),
    segments: size('segments', 'snapshots'),
    logs,
    files: all.reduce((sum, { files }) => sum + files, 0),
  };
}

interface FolderSize {
  bytes: number;
  files: number;
}

/** Sizes by first folder; what is removed while we look does not count. */
async function foldersOf(directory: string): Promise<Map<string, FolderSize>> {
  const found = new Map<string, FolderSize>();
  const visit = async (path: string, folder: string): Promise<void> => {
    for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
      const inside = folder === '' ? entry.name : folder;
      if (entry.isDirectory()) {
        await visit(join(path, entry.name), inside);
        continue;
      }
      const size = await lstat(join(path, entry.name)).catch(() => null);
      if (size === null) continue;
      const sum = found.get(inside) ?? { bytes: 0, files: 0 };
      found.set(inside, { bytes: sum.bytes + size.size, files: sum.files + 1 });
    }
  };
  await visit(directory, '');
  return found;
}

function sumOf(metrics: string, name: string): number {
  const values = metrics.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
