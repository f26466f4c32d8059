import { SqlError, SqlState } from '../../../base/index.ts';

/** The marker is neither the one this writer has left nor the one it was about to write. */
export function anotherWriter(sink: string): SqlError {
  return new SqlError({
    code: SqlState.objectNotInPrerequisiteState,
    message: `somebody else writes the output of sink "${sink}" under its transactional id`,
    hint: 'Has the data directory been copied, and do both servers run? Stop one of them, or DROP the sink there and CREATE it again.',
    class: 'user',
  });
}

/** The attempt has ended while the output was being opened. */
export function writerStopped(sink: string): SqlError {
  return new SqlError({ code: SqlState.queryCanceled, message: `sink "${sink}" was stopped`, class: 'external' });
}
