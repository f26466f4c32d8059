import type { Relation } from '../../catalog/index.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import { cancellable } from '../statement-context.ts';

/** What a statement creates, or puts in the place of what was there, while that is not there yet. */
export interface Creation {
  readonly places: readonly Pick<RelationDraft, 'schema' | 'name' | 'kind'>[];
  /** It is made whether or not the client stays, and after a crash again. */
  readonly inBackground: boolean;
  readonly startedAtMicros: bigint;
  stage: 'waiting' | 'making' | 'publishing';
  /** What it waits for while it waits, if that is not whose turn it is. */
  behind: Creation | null;
  /** Those with jobs that are being made. */
  relations: readonly Relation[];
  /** Why it was tried again. */
  error: string | null;
}

const WAITING: Pick<Creation, 'stage' | 'relations'> = { stage: 'waiting', relations: [] };

/** What a definition is about: what no other one may change before it is made, or which others it changes. */
export interface Subject {
  /** Relations and functions that there are. */
  readonly oids: ReadonlySet<number>;
  /** Names of relations, as placeKey has them. */
  readonly places: ReadonlySet<string>;
}

/** Something that has left its turn while its job reads what there is, and comes back to be named. */
interface Aside {
  readonly creation: Creation;
  readonly subject: Subject;
  readonly settled: Promise<void>;
}

/** Why it cannot be somebody's turn yet. */
interface InTheWay {
  readonly behind: Creation | null;
  readonly gone: Promise<unknown>;
}

export interface TurnOptions {
  readonly creation?: Creation | null;
  readonly signal?: AbortSignal | undefined;
  /** Looked at when the turn has come: what it is in the way of is waited for without the turn. */
  readonly inTheWay?: () => InTheWay | null;
}

/**
 * Data definition is done one statement at a time, in the order asked for. What takes long and touches nothing that there is, a view that reads the history of its
 * streams, is done aside: it has a turn to begin and one to be named, and between them only those wait who would change what it is made of.
 */
export class DefinitionTurns {
  readonly #creations = new Set<Creation>();
  readonly #aside = new Set<Aside>();
  /** Those who wait until nothing is made aside, and for whom new ones wait in their turn. */
  readonly #waitForQuiet = new Set<Promise<unknown>>();
  #last: Promise<unknown> = Promise.resolve();
  #holder: Creation | null = null;

  /** What is not there yet, in the order asked for. */
  creations(): Iterable<Creation> {
    return this.#creations;
  }

  /** Whose turn it is; null: that of something which creates nothing, or of nobody. */
  get holder(): Creation | null {
    return this.#holder;
  }

  /** The creation is listed until `work` has settled, which may take several turns. */
  async listed<Result>(creation: Creation, work: () => Promise<Result>): Promise<Result> {
    this.#creations.add(creation);
    try {
      return await work();
    } finally {
      this.#creations.delete(creation);
    }
  }

  /** Does `work` when its turn has come. Errors: the reason of `signal`, at once, when that is aborted before. */
  async take<Result>(work: () => Promise<Result>, { creation = null, signal, inTheWay = () => null }: TurnOptions = {}): Promise<Result> {
    for (;;) {
      const outcome = await this.#turn(
        async (): Promise<{ readonly blocked: InTheWay } | { readonly result: Result }> => {
          const blocked = inTheWay();
          return blocked === null ? { result: await work() } : { blocked };
        },
        creation,
        signal,
      );
      if ('result' in outcome) return outcome.result;
      const { behind, gone } = outcome.blocked;
      if (creation !== null) creation.behind = behind;
      await cancellable(gone, signal);
    }
  }

  /** As `take`, once nothing is made aside: for what needs all jobs to run. What is to be made aside waits for it, so its time comes. */
  takeInQuiet<Result>(work: () => Promise<Result>, { creation, signal }: Pick<TurnOptions, 'creation' | 'signal'> = {}): Promise<Result> {
    return this.#quietly((inTheWay) => this.take(work, { creation: creation ?? null, signal, inTheWay }));
  }

  /** `work` gets what says whether anything is made aside; while it runs nothing new is begun aside. */
  async #quietly<Result>(work: (inTheWay: () => InTheWay | null) => Promise<Result>): Promise<Result> {
    let over = (): void => undefined;
    const waits = new Promise<void>((resolve) => {
      over = resolve;
    });
    this.#waitForQuiet.add(waits);
    try {
      return await work(() => first(this.#aside));
    } finally {
      this.#waitForQuiet.delete(waits);
      over();
    }
  }

  /** What is made aside of things that the definition changes, or under a name that it takes. */
  inTheWayOf({ oids, places }: Subject): InTheWay | null {
    return first([...this.#aside].filter(({ subject }) => overlap(oids, subject.oids) || overlap(places, subject.places)));
  }

  /** For what is to be made aside: those who wait until nothing is come first. */
  inTheWayOfAside(): InTheWay | null {
    const [waits] = this.#waitForQuiet;
    return waits === undefined ? null : { behind: null, gone: waits };
  }

  /** From a turn on, until `work` has settled, nobody else changes the subject. `work` has no turn. */
  async aside<Result>({ creation, subject }: Pick<Aside, 'creation' | 'subject'>, work: () => Promise<Result>): Promise<Result> {
    const result = work();
    const one = { creation, subject, settled: result.then(nothing, nothing) };
    this.#aside.add(one);
    try {
      return await result;
    } finally {
      this.#aside.delete(one);
      Object.assign(creation, WAITING);
    }
  }

  #isAside(creation: Creation): boolean {
    return [...this.#aside].some((one) => one.creation === creation);
  }

  #turn<Result>(work: () => Promise<Result>, creation: Creation | null, signal: AbortSignal | undefined): Promise<Result> {
    let begun = false;
    const turn = async (): Promise<Result> => {
      signal?.throwIfAborted();
      begun = true;
      this.#holder = creation;
      if (creation !== null) Object.assign(creation, { stage: 'making', behind: null });
      try {
        return await work();
      } finally {
        this.#holder = null;
        if (creation !== null && !this.#isAside(creation)) Object.assign(creation, WAITING);
      }
    };
    const result = this.#last.then(turn, turn);
    this.#last = result.catch(() => undefined);
    return signal === undefined ? result : unlessAborted(result, { signal, while: () => !begun });
  }
}

export function placeKey({ schema, name }: Pick<RelationDraft, 'schema' | 'name'>): string {
  return JSON.stringify([schema, name]);
}

function overlap<Value>(left: ReadonlySet<Value>, right: ReadonlySet<Value>): boolean {
  for (const value of left) if (right.has(value)) return true;
  return false;
}

function nothing(): void {}

function first(aside: Iterable<Aside>): InTheWay | null {
  for (const { creation, settled } of aside) return { behind: creation, gone: settled };
  return null;
}

async function unlessAborted<Result>(
  result: Promise<Result>,
  { signal, while: waits }: { readonly signal: AbortSignal; readonly while: () => boolean },
): Promise<Result> {
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      if (waits()) reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([result, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort!);
  }
}
