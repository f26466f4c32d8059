import { foldCase } from '../sql/index.ts';
import type { SessionState } from './session-state.ts';

/** The session's search path as schema names; `"$user"` is the user. Quoted names keep their case. */
export function searchPath(session: Pick<SessionState, 'settings' | 'user'>): string[] {
  const names = session.settings.get('search_path').split(',');
  return names
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : foldCase(name)))
    .map((name) => (name === '$user' ? session.user : name));
}
