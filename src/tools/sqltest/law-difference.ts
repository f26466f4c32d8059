import type { Relation } from '../../catalog/index.ts';
import { Mismatch } from './mismatch.ts';
import { rowDifference } from './row-difference.ts';

/** How a view differs from what its query gives now; null: it does not. */
export async function lawDifference(view: Relation, rows: (sql: string) => Promise<string[]>): Promise<string | null> {
  if (view.query === null) throw new Mismatch(`"${view.name}" is not a view`);
  const held = (await rows(`SELECT * FROM ${qualified(view)}`)).sort();
  const batch = (await rows(view.query.replace(/\s+EMIT\s+[A-Z ]+$/i, ''))).sort();
  return held.join('\n') === batch.join('\n') ? null : rowDifference(batch, held);
}

/** A relation's name as SQL, quoted. */
export function qualified({ schema, name }: Pick<Relation, 'schema' | 'name'>): string {
  return `"${schema.replaceAll('"', '""')}"."${name.replaceAll('"', '""')}"`;
}
