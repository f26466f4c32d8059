import { readFile } from 'node:fs/promises';
import { consoleLogger } from '../../base/adapters/console-logger.ts';
import { parseStatements, splitStatements } from '../../sql/index.ts';
import { openLocalSession, runText } from '../local-session.ts';
import { openDatabase } from '../open-database.ts';
import { errorText, UsageError } from '../print-error.ts';

const explained = ['query', 'create-view', 'create-materialized-view', 'create-sink'];

const heads: Readonly<Record<string, string>> = {
  logical: 'EXPLAIN LOGICAL',
  physical: 'EXPLAIN',
  jobgraph: 'EXPLAIN JOBGRAPH',
  codegen: 'EXPLAIN (CODEGEN)',
  changelog: 'EXPLAIN CHANGELOG',
  state: 'EXPLAIN STATE',
  watermark: 'EXPLAIN WATERMARK',
};

/** `fsql explain FILE`: the plan of each query, view and sink; definitions before it are made, nothing outside is asked. */
export async function runExplain(file: string, options: { readonly kind: string }): Promise<number> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`cannot read ${file}: ${error.message}`);
  });
  const database = await openDatabase({ dataDir: null, slots: 1, host: 'in-thread', logger: consoleLogger('error'), offline: true });
  const session = await openLocalSession(database, () => undefined);
  try {
    for (const piece of splitStatements(text)) {
      const kind = parseStatements(piece.text)[0]?.statement.kind;
      if (kind === undefined) continue;
      if (explained.includes(kind)) {
        process.stdout.write(`${piece.text.trim()}\n`);
        await runText(session, `${heads[options.kind]!} ${piece.text}`, ({ result }) => {
          for (const row of result?.rows ?? []) process.stdout.write(`  ${row[0]}\n`);
        });
        process.stdout.write('\n');
      }
      if (kind !== 'query') await runText(session, piece.text, () => undefined);
    }
    return 0;
  } catch (error) {
    process.stderr.write(`${errorText(error, text)}\n`);
    return 1;
  } finally {
    await session.close();
    await database.close();
  }
}
