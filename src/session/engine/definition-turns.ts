import type { Relation } from '../../catalog/index.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';

/** What a statement creates, or puts in the place of what was there, while that is not there yet. */
export interface Creation {
  readonly places: readonly Pick<RelationDraft, 'schema' | 'name' | 'kind'>[];
  /** It is made whether or not the client stays, and after a crash again. */
  readonly inBackground: boolean;
  readonly startedAtMicros: bigint;
  stage: 'waiting' | 'making' | 'publishing';
  /** Those with jobs that are being made. */
  relations: readonly Relation[];
  /** Why it was tried again. */
  error: string | null;
}

/** Data definition is done one statement at a time, in the order asked for. */
export class DefinitionTurns {
  readonly #creations = new Set<Creation>();
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
  take<Result>(
    work: () => Promise<Result>,
    { creation = null, signal }: { readonly creation?: Creation | null; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Result> {
    let begun = false;
    const turn = async (): Promise<Result> => {
      signal?.throwIfAborted();
      begun = true;
      this.#holder = creation;
      if (creation !== null) creation.stage = 'making';
      try {
        return await work();
      } finally {
        this.#holder = null;
        if (creation !== null) Object.assign(creation, { stage: 'waiting', relations: [] });
      }
    };
    const result = this.#last.then(turn, turn);
    this.#last = result.catch(() => undefined);
    return signal === undefined ? result : unlessAborted(result, { signal, while: () => !begun });
  }
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
