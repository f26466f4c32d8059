import { SqlError, SqlState, toSqlError } from '../base/index.ts';
import { dropKeyword, type Relation } from '../catalog/index.ts';
import type { JobControl, JobOutcome, JobRequest } from '../server/index.ts';
import type { Engine } from '../session/index.ts';
import { quoteRelation } from '../sql/index.ts';
import type { TextResult } from '../tools/repl/index.ts';
import { quoteLiteral } from '../tools/repl/index.ts';
import { openLocalSession, runText } from './local-session.ts';

/** What HTTP asks for, done by the statements that do it, in a session of its own. */
export function jobControlOf(engine: Engine): JobControl {
  return {
    async run(jobId, request, signal) {
      const relation = engine.snapshot.relationByStorage(Number(jobId));
      if (relation === null) throw new SqlError({ code: SqlState.undefinedObject, message: `job "${jobId}" does not exist` });
      return runStatements(engine, statementsOf(relation, jobId, request), signal);
    },
  };
}

function statementsOf(relation: Relation, jobId: string, request: JobRequest): string {
  const job = quoteLiteral(jobId);
  switch (request.action) {
    case 'checkpoint':
      return 'CHECKPOINT';
    case 'pause':
      return `PAUSE JOB ${job}`;
    case 'resume':
      return `RESUME JOB ${job}`;
    case 'cancel':
      return `CANCEL JOB ${job}`;
    // The checkpoint that it makes to pause is what it goes on from.
    case 'restart':
      return `PAUSE JOB ${job}; RESUME JOB ${job}`;
    case 'savepoint':
      return `CREATE SAVEPOINT ${quoteLiteral(request.directory)}`;
    case 'stop':
      return `STOP JOB ${job}${request.savepoint === null ? '' : ` WITH SAVEPOINT ${quoteLiteral(request.savepoint)}`}${request.drain ? ' WITH DRAIN' : ''}`;
    case 'rescale':
      return `ALTER ${dropKeyword(relation.kind)} ${quoteRelation(relation)} SET PARALLELISM = ${request.parallelism ?? 'ADAPTIVE'}`;
  }
}

async function runStatements(engine: Engine, text: string, signal: AbortSignal): Promise<JobOutcome> {
  const notices: { readonly severity: string; readonly message: string }[] = [];
  const session = await openLocalSession({ engine }, ({ severity, message }) => notices.push({ severity, message }));
  const cancel = (): void => session.cancel(new SqlError({ code: SqlState.queryCanceled, message: 'whoever asked has gone' }));
  signal.addEventListener('abort', cancel, { once: true });
  let result: TextResult | null = null;
  try {
    await runText(session, text, (outcome) => {
      result = outcome.result ?? result;
    });
  } catch (error) {
    throw toSqlError(error);
  } finally {
    signal.removeEventListener('abort', cancel);
    await session.close();
  }
  return { savepoint: result === null ? null : savepointView(result), notices };
}

/** The one row of CREATE SAVEPOINT and STOP JOB WITH SAVEPOINT. */
function savepointView({ columns, rows }: TextResult): Readonly<Record<string, string | number>> {
  const cells = columns.map(({ name, right }, index): [string, string | number] => [name, right ? Number(rows[0]![index]) : rows[0]![index]!]);
  return Object.fromEntries(cells);
}
