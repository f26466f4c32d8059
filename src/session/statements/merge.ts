import { SqlError, SqlState } from '../../base/index.ts';
import { type BoundMerge, bindMerge } from '../../plan/index.ts';
import type { Row, TableChanges } from '../engine/index.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementHandler } from '../statement-context.ts';
import { boundUnderLock, modificationResult, shapeOf, writtenTable } from './modify.ts';
import { readRows } from './read-rows.ts';
import { type CheckRow, rowRules } from './row-rules.ts';

/** MERGE INTO t USING s ON … WHEN … THEN …. */
export const merge: StatementHandler<'merge'> = {
  kind: 'merge',
  describe: (statement, context) => shapeOf(bindMerge(statement, binderOf(context).context)),
  async execute(statement, context) {
    const bound = await boundUnderLock(() => bindMerge(statement, binderOf(context).context), context);
    const rows = await readRows(bound.plan, context);
    const { removed, added, returned } = mergeOutcome(bound, rows, rowRules(bound, context));
    (await writtenTable(bound.relation, context)).change(removed, added);
    const made = { tag: `MERGE ${returned.length}`, returning: bound.returning, rows: returned, types: bound.plan.fields };
    return modificationResult(made, { relation: bound.relation, removed, added }, context);
  },
};

interface MergeOutcome extends Pick<TableChanges, 'removed' | 'added'> {
  /** The rows of the plan whose action changed something. */
  readonly returned: readonly Row[];
}

/** Errors: 21000 for a row of the target two rows of the source change, and what a new row breaks. */
function mergeOutcome({ relation, actions }: BoundMerge, rows: readonly Row[], checkRow: CheckRow): MergeOutcome {
  const width = relation.columns.length;
  const removed: Row[] = [];
  const added: Row[] = [];
  const returned: Row[] = [];
  const touched = new Set<unknown>();
  for (const row of rows) {
    const action = actions[row.at(-1) as number]!;
    if (action === 'nothing') continue;
    returned.push(row);
    if (action !== 'insert') {
      const number = row.at(-2);
      if (touched.has(number)) throw hitTwice();
      touched.add(number);
      removed.push(row.slice(0, width));
    }
    if (action === 'delete') continue;
    const now = row.slice(width, 2 * width);
    checkRow(now);
    added.push(now);
  }
  return { removed, added, returned };
}

function hitTwice(): SqlError {
  return new SqlError({
    code: SqlState.cardinalityViolation,
    message: 'MERGE command cannot affect row a second time',
    hint: 'Ensure that not more than one source row matches any one target row.',
  });
}
