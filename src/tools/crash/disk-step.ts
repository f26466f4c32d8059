import { readdirSync, watch } from 'node:fs';
import { join } from 'node:path';

/** A step of a checkpoint or of an epoch, as it shows in the data directory. */
export interface DiskStep {
  readonly name: string;
  readonly folder: string;
  /** Whether a change of this file is the step. */
  readonly is: (file: string) => boolean;
}

const isTemporary = (file: string): boolean => file.startsWith('temporary');

export const diskSteps: readonly DiskStep[] = [
  { name: 'an epoch is being recorded', folder: 'epochs', is: () => true },
  { name: 'state is being written', folder: 'segments', is: () => true },
  { name: 'the manifest has no name yet', folder: 'manifests', is: isTemporary },
  { name: 'the manifest has its name', folder: 'manifests', is: (file) => !isTemporary(file) },
  { name: 'the base takes a checkpoint', folder: 'base', is: (file) => file.endsWith('.log') },
];
export const rowsAreLogged: DiskStep = { name: 'rows are being logged', folder: 'embedded', is: () => true };
export const definitionIsLogged: DiskStep = { name: 'the definition is being logged', folder: 'catalog', is: () => true };

/** Resolves when the step is seen; `then` runs before anything else does in this process. */
export function whenOnDisk(dataDir: string, { folder, is }: DiskStep, then: () => void): { readonly seen: Promise<void>; close(): void } {
  let close = (): void => undefined;
  const seen = new Promise<void>((resolve, reject) => {
    // A server that took over may have a base of its own, `base-2`.
    const place = readdirSync(dataDir).find((name) => name === folder || name.startsWith(`${folder}-`)) ?? folder;
    const watcher = watch(join(dataDir, place));
    close = () => watcher.close();
    watcher.on('error', reject);
    watcher.on('change', (_kind, file) => {
      if (!is(String(file))) return;
      watcher.close();
      then();
      resolve();
    });
  });
  return { seen, close: () => close() };
}
