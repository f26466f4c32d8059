import { type Logger, SqlError } from '../../base/index.ts';
import { type Observed, problemsOf } from './model-workload.ts';
import { openSimulatedStore } from './open-simulated-store.ts';
import type { SimulatedDisk } from './simulated-disk.ts';

/** How a directory fares: refused with an error, or opened, with problems or without, and with warnings. */
export interface OpenOutcome {
  readonly error: SqlError | null;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Opens the directory, an older checkpoint allowed, and compares what is in it with what it was owed. */
export async function openOutcome(disk: SimulatedDisk, observed: Observed): Promise<OpenOutcome> {
  const warnings = new Warnings();
  try {
    const store = await openSimulatedStore(disk, warnings);
    const problems = await problemsOf(store, observed, { fallBack: true });
    await store.close();
    return { error: null, problems, warnings: warnings.texts };
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return { error, problems: [], warnings: warnings.texts };
  }
}

/** Keeps the warnings, with the errors they are about. */
export class Warnings implements Logger {
  readonly texts: string[] = [];

  log(level: string, message: string, facts: Readonly<Record<string, unknown>> = {}): void {
    if (level === 'warn') this.texts.push(`${message} ${facts.error instanceof SqlError ? facts.error.message : ''}`);
  }
}
