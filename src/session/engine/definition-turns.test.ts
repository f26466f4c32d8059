import { expect, it } from 'vitest';
import { type Creation, DefinitionTurns, type Subject } from './definition-turns.ts';

function creationOf(name: string): Creation {
  const places = [{ schema: 'public', name, kind: 'materialized view' as const }];
  return { places, inBackground: false, startedAtMicros: 0n, stage: 'waiting', behind: null, relations: [], error: null };
}

function subject(oids: readonly number[], places: readonly string[] = []): Subject {
  return { oids: new Set(oids), places: new Set(places) };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

/** Something made aside of relation 1, under the name "view"; `end` lets it come back. */
async function withOneAside() {
  const turns = new DefinitionTurns();
  const log: string[] = [];
  const creation = creationOf('view');
  let end = (): void => undefined;
  const work = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      end = resolve;
    });
    await turns.take(async () => log.push('named'), { creation });
  };
  let made: Promise<void> = Promise.resolve();
  await turns.take(
    async () => {
      made = turns.aside({ creation, subject: subject([1], ['view']) }, work);
    },
    { creation },
  );
  const define = (what: string, about: Subject, signal?: AbortSignal): Promise<unknown> =>
    turns.take(async () => log.push(what), { signal, inTheWay: () => turns.inTheWayOf(about) });
  return { turns, log, creation, made, end: () => end(), define };
}

it('lets those by who change something else, and has the others wait until it is named', async () => {
  const { turns, log, creation, made, end, define } = await withOneAside();
  const waiting = creationOf('waiting');
  const all = [
    define('drop 1', subject([1])),
    turns.take(async () => log.push('same name'), { creation: waiting, inTheWay: () => turns.inTheWayOf(subject([], ['view'])) }),
    define('drop 2', subject([2])),
  ];
  await settle();
  expect(log).toEqual(['drop 2']);
  expect(creation.stage).toBe('making');
  expect(waiting).toMatchObject({ stage: 'waiting', behind: creation });
  end();
  await Promise.all([...all, made]);
  expect(log).toEqual(['drop 2', 'named', 'drop 1', 'same name']);
  expect(creation.stage).toBe('waiting');
});

it('is waited for by what needs all jobs, for which the next one to be made aside waits in its turn', async () => {
  const { turns, log, made, end, define } = await withOneAside();
  const quiet = turns.takeInQuiet(async () => log.push('quiet'));
  const next = turns.take(async () => log.push('next aside'), { inTheWay: () => turns.inTheWayOfAside() });
  const other = define('other', subject([2]));
  await settle();
  expect(log).toEqual(['other']);
  end();
  await Promise.all([quiet, next, other, made]);
  expect(log).toEqual(['other', 'named', 'quiet', 'next aside']);
});

it('holds nobody up who is cancelled, nor those behind one that is', async () => {
  const { turns, log, made, end, define } = await withOneAside();
  const stop = new AbortController();
  const quiet = turns.takeInQuiet(async () => log.push('quiet'), { signal: stop.signal });
  const drop = define('drop 1', subject([1]), stop.signal);
  const next = turns.take(async () => log.push('next aside'), { inTheWay: () => turns.inTheWayOfAside() });
  await settle();
  stop.abort(new Error('cancelled'));
  await expect(quiet).rejects.toThrow('cancelled');
  await expect(drop).rejects.toThrow('cancelled');
  await next;
  end();
  await made;
  await settle();
  expect(log).toEqual(['next aside', 'named']);
});

it('is out of the way when it fails', async () => {
  const turns = new DefinitionTurns();
  const failing = turns.aside({ creation: creationOf('view'), subject: subject([1]) }, () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(turns.inTheWayOf(subject([1]))).toBeNull();
});
