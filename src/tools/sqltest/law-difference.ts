import type { Relation } from '../../catalog/index.ts';
import { quoteRelation } from '../../sql/index.ts';
import { Mismatch } from './mismatch.ts';
import { multisetDifference } from './row-difference.ts';

/** How a view differs from what its query gives now; null: it does not. */
export async function lawDifference(view: Relation, rows: (sql: string) => Promise<string[]>): Promise<string | null> {
  if (view.query === null) throw new Mismatch(`"${view.name}" is not a view`);
  const held = await rows(`SELECT * FROM ${quoteRelation(view)}`);
  const batch = await rows(view.query.replace(/\s+EMIT\s+[A-Z ]+$/i, ''));
  return multisetDifference(batch, held, 'as shown');
}
