import { SqlError, SqlState } from '../../base/index.ts';
import type { ServerSession, StatementResult } from '../../session/index.ts';
import type { Value } from './api.ts';
import { toDatum } from './values.ts';

/**
 * The result of one statement with parameters, by the extended protocol's way: their types are inferred. Whoever has read it to its end calls `session.sync()`.
 * Errors: 08P01 for another number of parameters, 22023 for a value that cannot be one.
 */
export async function executeBound(session: ServerSession, sql: string, params: readonly Value[]): Promise<StatementResult> {
  await session.prepare('', sql, []);
  const { parameterTypes } = await session.describeStatement('');
  if (parameterTypes.length !== params.length) {
    const message = `the statement has ${parameterTypes.length} parameters, and ${params.length} values are given`;
    throw new SqlError({ code: SqlState.protocolViolation, message });
  }
  const { timeZone } = session.outputStyle();
  await session.bind(
    '',
    '',
    params.map((value, index) => toDatum(value, parameterTypes[index]!, timeZone)),
  );
  return session.portal('')!.execute();
}
