/** How the same files run (sql-tests/README.md). */
export interface Configuration {
  readonly name: string;
  readonly slots: number;
  readonly interpreted: boolean;
  readonly batchRows: number | null;
  /** Every statement is parsed, printed and the print is what runs. */
  readonly reprint: boolean;
  /** After each change a checkpoint, a crash, and a restart with the next of these slot counts; empty: never. */
  readonly crashSlots: readonly number[];
  /** State of an operator beyond which it spills, where it can; null: there is memory enough. */
  readonly spillBytesMax: number | null;
  /** In the place of the crash it goes on in another directory, made of a savepoint. */
  readonly movesBySavepoint: boolean;
  /** What `onlyif` and `skipif` say of the configuration of this name holds here, too. */
  readonly like: string | null;
}

/** True when a file or record that names configurations means this one. */
export function isMeant({ name, like }: Configuration, names: readonly string[]): boolean {
  return names.includes(name) || (like !== null && names.includes(like));
}

const plain = {
  slots: 2,
  interpreted: false,
  batchRows: null,
  reprint: false,
  crashSlots: [],
  movesBySavepoint: false,
  like: null,
  spillBytesMax: null,
};

export const configurations: readonly Configuration[] = [
  { ...plain, name: 'compiled' },
  { ...plain, name: 'interpreted', interpreted: true },
  { ...plain, name: 'batch-size-3', batchRows: 3 },
  { ...plain, name: 'parallelism-4', slots: 4 },
  { ...plain, name: 'crash-restore-rescale', crashSlots: [3, 1, 2] },
  { ...plain, name: 'savepoint-restore-rescale', crashSlots: [3, 1, 2], movesBySavepoint: true, like: 'crash-restore-rescale' },
  { ...plain, name: 'print-and-reparse', reprint: true },
  { ...plain, name: 'spilled', spillBytesMax: 1 },
];
