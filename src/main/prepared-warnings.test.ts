import { expect, test } from 'vitest';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import { openLocalSession, runText } from './local-session.ts';
import { openInThread } from './testing/index.ts';

test('what a prepared statement warns of has no place in the text of EXECUTE', async () => {
  const database = await openInThread(temporaryDirectory());
  const places: unknown[] = [];
  const session = await openLocalSession(database, ({ message, position }) => places.push([message, position]));
  await runText(session, 'CREATE TABLE a (x INT); PREPARE hinted AS SELECT /*+ NOPE(a) */ x FROM a', () => undefined);
  await runText(session, 'EXECUTE hinted', () => undefined);
  expect(places).toEqual([['hint "NOPE" is unknown and has no effect', undefined]]);
  await session.close();
  await database.close();
});
