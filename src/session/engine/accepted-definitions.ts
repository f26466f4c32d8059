import { SqlError, SqlState, toSqlError } from '../../base/index.ts';
import { type CatalogEntry, type CatalogSnapshot, decodeCatalogEntries, encodeCatalogEntries } from '../../catalog/index.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import { NAMED_VALUES_OID } from '../named-values.ts';
import type { Engine } from './engine.ts';

/** From a failure of another system to the next attempt. */
const RETRY_MS = 1000;
const PREFIX = 'creating:';

/** Where a relation goes. */
type Place = Pick<RelationDraft, 'schema' | 'name'>;

interface Making {
  readonly draft: RelationDraft;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/**
 * Materialized views whose CREATE has been answered before they are there (background_ddl): the catalog has each until one commit takes it away and names the view,
 * so a server that ends in between makes it after its next start: under the number it had, with what checkpoints have of the histories it had read, or from the beginning.
 */
export class AcceptedDefinitions {
  readonly #engine: Engine;
  readonly #making = new Map<string, Making>();
  #closed = false;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** By schema and name. */
  all(): readonly RelationDraft[] {
    return drafts(this.#engine.snapshot).map(({ draft }) => draft);
  }

  /** Null: no such view is being made. */
  named({ schema, name }: Place): RelationDraft | null {
    const making = this.#making.get(keyOf({ schema, name }));
    return making?.draft ?? this.all().find((draft) => draft.schema === schema && draft.name === name) ?? null;
  }

  /** Resolves when it is durable that the view will be made. Errors: 42P07 when one of its name is being made. */
  async accept(draft: RelationDraft): Promise<void> {
    if (this.#making.has(keyOf(draft))) throw new SqlError({ code: SqlState.duplicateTable, message: `relation "${draft.name}" is being created` });
    const durable = this.#engine.catalog.commit([acceptedEntry(draft, NO_OID)]);
    // Its name is taken from here on.
    this.#begin(draft, { durable, oid: NO_OID });
    await durable;
  }

  /** Goes on with what the last server has left. */
  start(): void {
    const left = drafts(this.#engine.snapshot);
    const { cluster } = this.#engine;
    for (const jobId of cluster.interrupted()) if (!left.some(({ oid }) => String(oid) === jobId)) cluster.forgetInterrupted(jobId);
    for (const { draft, oid } of left) this.#begin(draft, { durable: Promise.resolve(), oid });
  }

  /** Nothing is left of the view, unless it has been published meanwhile. */
  async cancel(draft: RelationDraft): Promise<void> {
    const making = this.#making.get(keyOf(draft));
    making?.stop.abort(
      new SqlError({ code: SqlState.queryCanceled, message: `materialized view "${draft.name}" was dropped while it was being created` }),
    );
    await making?.done;
    // The catalog could not be written when it had failed.
    if (this.named(draft) !== null) await this.#engine.catalog.commit([goneEntry(draft)]);
  }

  /** Resolves when none of this name is being made any more, be it there or not. */
  async madeOrNot(place: Place): Promise<void> {
    await this.#making.get(keyOf(place))?.done;
  }

  /** Resolves when none is being made any more. */
  async settled(): Promise<void> {
    await Promise.all([...this.#making.values()].map(({ done }) => done));
  }

  /** The server ends: what is not made stays accepted. */
  close(): void {
    this.#closed = true;
  }

  /** `durable`: rejects when it could not be accepted, which is told elsewhere. `oid`: see NO_OID. */
  #begin(draft: RelationDraft, { durable, oid }: { readonly durable: Promise<unknown>; readonly oid: number }): void {
    const stop = new AbortController();
    const done = durable.then(
      () => this.#make(draft, oid, stop.signal),
      () => undefined,
    );
    const ended = done.finally(() => this.#making.delete(keyOf(draft)));
    this.#making.set(keyOf(draft), { draft, stop, done: ended });
  }

  async #make(draft: RelationDraft, before: number, signal: AbortSignal): Promise<void> {
    const { logger, catalog, cluster, clock } = this.#engine;
    let oid = before;
    const numbered = (number: number): Promise<unknown> => {
      oid = number;
      return catalog.commit([acceptedEntry(draft, number)]);
    };
    const what = `materialized view ${draft.name}`;
    const creation = this.#engine.creation([draft], true);
    return this.#engine.turns.listed(creation, async () => {
      for (;;) {
        const goesOn = cluster.interrupted().includes(String(oid));
        try {
          await this.#engine.createAccepted(draft, { oid: goesOn ? oid : null, numbered, gone: goneEntry(draft), creation, signal });
          return;
        } catch (cause) {
          if (this.#closed) return;
          const error = toSqlError(cause);
          if (!signal.aborted && error.class === 'external') {
            creation.error = error.message;
            logger.log('warn', `${what} could not be created, it is tried again`, { error });
            await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
            continue;
          }
          cluster.forgetInterrupted(String(oid));
          // What it was to go on with may be why, as where a topic has not kept the messages that come next.
          if (!signal.aborted && goesOn) {
            logger.log('warn', `${what} could not be created from what there was of it, it is begun anew`, { error });
            continue;
          }
          if (!signal.aborted) logger.log('error', `${what} could not be created`, { error });
          const kept = (failure: unknown): void => logger.log('error', `${what} is tried again after the next start`, { error: failure });
          await catalog.commit([goneEntry(draft)]).catch(kept);
          return;
        }
      }
    });
  }
}

function keyOf({ schema, name }: Place): string {
  return PREFIX + JSON.stringify([schema, name]);
}

/** The number that a relation has in the entry until its turn has come: it gets its own then. */
const NO_OID = 0;

function acceptedEntry(draft: RelationDraft, oid: number): CatalogEntry {
  const value = encodeCatalogEntries([{ kind: 'put-relation', relation: { ...draft, oid } }]);
  return { kind: 'attach', oid: NAMED_VALUES_OID, key: keyOf(draft), value };
}

function goneEntry(place: Place): CatalogEntry {
  return { kind: 'attach', oid: NAMED_VALUES_OID, key: keyOf(place), value: null };
}

interface NumberedDraft {
  readonly draft: RelationDraft;
  /** See NO_OID. */
  readonly oid: number;
}

function drafts(snapshot: CatalogSnapshot): NumberedDraft[] {
  const found = [...snapshot.attachments(NAMED_VALUES_OID)].filter(([key]) => key.startsWith(PREFIX));
  return found.toSorted(([left], [right]) => (left < right ? -1 : 1)).flatMap(([, value]) => decodeCatalogEntries(value as string).flatMap(draftOf));
}

function draftOf(entry: CatalogEntry): NumberedDraft[] {
  if (entry.kind !== 'put-relation') return [];
  const { oid, ...draft } = entry.relation;
  return [{ draft, oid }];
}
