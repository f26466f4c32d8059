import { PG_TEMP } from '../catalog/index.ts';
import { foldCase } from '../sql/index.ts';
import type { SessionState } from './session-state.ts';

type OfSession = Pick<SessionState, 'settings' | 'user' | 'temporarySchema'>;

/** The schemas that names without schema are looked up in: those of `search_path`, and first of all the session's temporary one. */
export function searchPath(session: OfSession): string[] {
  const { temporarySchema } = session;
  const path = declaredPath(session);
  return temporarySchema === null ? path : [temporarySchema, ...path];
}

/** The setting `search_path` as schema names, without the temporary one: where what is made goes. `"$user"` is the user. Quoted names keep their case. */
export function declaredPath({ settings, user }: Pick<OfSession, 'settings' | 'user'>): string[] {
  const names = settings.get('search_path').split(',');
  return names
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : foldCase(name)))
    .filter((name) => name !== PG_TEMP)
    .map((name) => (name === '$user' ? user : name));
}
