import type { ServerSession } from '../../session/index.ts';
import { runText } from '../local-session.ts';

/** Runs every statement of a text; the rows they give, each as its values with a space between. */
export async function rowsOf(session: ServerSession, text: string): Promise<string[]> {
  const rows: string[] = [];
  await runText(session, text, ({ result }) => rows.push(...(result?.rows.map((row) => row.join(' ')) ?? [])));
  return rows;
}
