import { SqlState } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import { bindInsert } from '../../plan/index.ts';
import { binderOf } from '../statement-binding.ts';
import { cancellable, type StatementHandler } from '../statement-context.ts';
import { insertDraft } from './continuous-insert.ts';
import { refuseInBlock } from './refuse-in-block.ts';

/** EXECUTE STATEMENT SET BEGIN insert; … END: continuous jobs that start together, or, if one is refused, not at all. */
export const statementSet: StatementHandler<'statement-set'> = {
  kind: 'statement-set',
  async execute(statement, context) {
    refuseInBlock(context, 'EXECUTE STATEMENT SET');
    const inserts = statement.statements.map((insert) => ({ insert, bound: bindInsert(insert, binderOf(context).context) }));
    const started: Relation[] = [];
    try {
      for (const { insert, bound } of inserts) {
        const draft = await cancellable(insertDraft(bound, insert, context), context.signal);
        started.push(await cancellable(context.definer.create(draft, null, context.signal), context.signal));
      }
    } catch (error) {
      await context.definer.drop({ relations: started, functions: [] });
      throw error;
    }
    const names = started.map((relation) => `"${relation.name}"`).join(', ');
    context.notice({ severity: 'NOTICE', code: SqlState.successfulCompletion, message: `jobs ${names} have been started` });
    return { kind: 'command', tag: 'EXECUTE STATEMENT SET' };
  },
};
