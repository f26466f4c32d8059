import { statSync } from 'node:fs';
import { seededRandom } from '../../base/index.ts';
import { type Configuration, configurations } from './configurations.ts';
import { testFilesBelow } from './find-files.ts';
import type { FileOptions, FileOutcome } from './run-file.ts';

/** Which of the files below some paths are run, and in which order. */
export interface FileChoice {
  /** Part of the path. */
  readonly filter: string | null;
  readonly shuffleSeed: number | null;
  /** The parts `first` to `last`, counted from 1, of `count` of about the same size. The parts together are all files. */
  readonly shard: { readonly first: number; readonly last: number; readonly count: number } | null;
}

export interface FilesOptions extends FileOptions {
  /** Who runs files at the same time: one function each, which resolves when its file is done. */
  readonly runners: readonly FileRunner[];
  /** Told of each file in the order of the files, whoever ran it. */
  readonly onFile: (outcome: FileOutcome) => void;
}

export type FileRunner = (file: string, options: FileOptions) => Promise<FileOutcome>;

/** The configuration of that name. */
export function configurationNamed(name: string): Configuration | null {
  return configurations.find((one) => one.name === name) ?? null;
}

/** The files a run of these paths has, in the order it runs them. */
export function filesToRun(paths: readonly string[], { filter, shuffleSeed, shard }: FileChoice): string[] {
  const files = paths.flatMap(testFilesBelow).filter((file) => filter === null || file.includes(filter));
  if (shuffleSeed !== null) shuffle(files, shuffleSeed);
  if (shard === null) return files;
  const isWanted = (part: number): boolean => part >= shard.first && part <= shard.last;
  return files.filter((_, index) => isWanted((index % shard.count) + 1));
}

/**
 * Runs files, each in databases of its own. Outcomes are the same, and in the same order, whatever the number of runners: several begin with the largest files, so that
 * none of these is left to one of them while the others have nothing to do.
 */
export async function runFiles(files: readonly string[], options: FilesOptions): Promise<FileOutcome[]> {
  const { configuration, seed, rewrite, coverage, real } = options;
  const fileOptions: FileOptions = { configuration, seed, rewrite, coverage, real };
  const outcomes = new Map<number, FileOutcome>();
  const order = files.map((_, index) => index);
  if (options.runners.length > 1) {
    const bytes = files.map((file) => statSync(file).size);
    order.sort((left, right) => bytes[right]! - bytes[left]!);
  }
  let told = 0;
  const work = async (runner: FileRunner): Promise<void> => {
    for (let index = order.shift(); index !== undefined; index = order.shift()) {
      outcomes.set(index, await runner(files[index]!, fileOptions));
      for (let outcome = outcomes.get(told); outcome !== undefined; outcome = outcomes.get(told)) {
        options.onFile(outcome);
        told++;
      }
    }
  };
  await Promise.all(options.runners.map(work));
  return files.map((_, index) => outcomes.get(index)!);
}

function shuffle(files: string[], seed: number): void {
  const random = seededRandom(seed);
  for (let index = files.length - 1; index > 0; index--) {
    const other = random.nextInt(index + 1);
    [files[index], files[other]] = [files[other]!, files[index]!];
  }
}
