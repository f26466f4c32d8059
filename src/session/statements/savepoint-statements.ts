import { SqlError, SqlState } from '../../base/index.ts';
import { int8Type, textType } from '../../types/index.ts';
import type { RowsResult } from '../contract.ts';
import type { SavepointRequest, TakenSavepoint } from '../engine/index.ts';
import { cancellable, type StatementContext, type StatementHandler } from '../statement-context.ts';
import { resultField, rowsResult } from '../text-result.ts';
import { refuseInBlock } from './refuse-in-block.ts';

const savepointFields = [
  resultField('savepoint_path', textType),
  resultField('epoch', int8Type),
  resultField('rows', int8Type),
  resultField('bytes', int8Type),
  resultField('state_sha256', textType),
];

/** CREATE SAVEPOINT ['directory']: definitions, positions and state of everything, as files that `--from-savepoint` starts from. */
export const createSavepoint: StatementHandler<'create-savepoint'> = {
  kind: 'create-savepoint',
  describe: () => ({ parameterTypes: [], fields: savepointFields }),
  async execute({ path, span }, context) {
    refuseInBlock(context, 'CREATE SAVEPOINT');
    return savepointRows(await takeSavepoint({ path, position: span.start, trigger: 'statement' }, context), 'CREATE SAVEPOINT');
  },
};

/** Errors: 55000 without a directory and for one that is not empty. */
export async function takeSavepoint(
  { path, position, trigger, drained }: Pick<SavepointRequest, 'trigger' | 'drained'> & { readonly path: string | null; readonly position: number },
  context: StatementContext,
): Promise<TakenSavepoint> {
  const { engine, session, signal } = context;
  const fsql = session.settings.get('fsql_version');
  const directory = path ?? ownDirectory(position, context);
  return cancellable(engine.savepoint({ path: directory, fsql, trigger, drained }, signal), signal);
}

export function savepointRows({ path, manifest, rows, bytes }: TakenSavepoint, tag: string): RowsResult {
  return rowsResult(savepointFields, [[path, BigInt(manifest.epoch ?? 0), BigInt(rows), BigInt(bytes), manifest.stateSha256]], tag);
}

/** A directory of its own below `savepoint_dir`. */
function ownDirectory(position: number, { engine, session }: StatementContext): string {
  const folder = session.settings.get('savepoint_dir');
  if (folder !== '') return `${folder}/savepoint-${engine.clock.nowMicros()}`;
  throw new SqlError({
    code: SqlState.objectNotInPrerequisiteState,
    message: 'there is no directory for the savepoint',
    hint: "Name one ('/backups/monday'), or where savepoints go: SET savepoint_dir = '/backups'.",
    position,
  });
}

const checkFields = [resultField('file', textType), resultField('kind', textType), resultField('bytes', int8Type), resultField('problem', textType)];

/** CHECK STATE: reads all that the retained checkpoints need and names what is damaged. */
export const checkState: StatementHandler<'check-state'> = {
  kind: 'check-state',
  describe: () => ({ parameterTypes: [], fields: checkFields }),
  async execute(_statement, context) {
    const files = await cancellable(context.engine.cluster.checkState(), context.signal);
    const problems = files.filter(({ problem }) => problem !== null).length;
    if (problems > 0) {
      context.notice({
        severity: 'WARNING',
        code: SqlState.dataCorrupted,
        message: `${problems} of ${files.length} files ${problems === 1 ? 'is' : 'are'} damaged`,
        hint: 'Make a savepoint now (CREATE SAVEPOINT), then look at the disk. Files of a checkpoint are replaced by the next one that is made.',
      });
    }
    const rows = files.map(({ file, kind, bytes, problem }) => [file, kind, bytes === null ? null : BigInt(bytes), problem]);
    return rowsResult(checkFields, rows, 'CHECK STATE');
  },
};
