import { SqlError, SqlState } from '../../base/index.ts';
import { stateTtlMs, stateTtlOfQuery, ttlDuration } from '../../plan/index.ts';
import type { Query, QueryBody, Select, Span } from '../../sql/index.ts';
import { durationMs } from '../settings/index.ts';
import type { StatementContext } from '../statement-context.ts';

/** The setting, and an option of materialized views. */
export const STATE_TTL = 'state_ttl';

/**
 * The query of something continuous with the ttl that counts for it written into it, as the hint STATE_TTL('1 d') of its first SELECT: its own hint, else the
 * option given with the statement, else the session's setting. What is made keeps it, whatever the setting is later.
 */
export function withDeclaredStateTtl(query: Query, context: StatementContext, option?: string): Query {
  if (stateTtlOfQuery(query) !== null) return query;
  const text = option ?? context.session.settings.get(STATE_TTL);
  const ttlMs = option === undefined ? durationMs(text) : stateTtlMs(option);
  if (ttlMs === null) throw new SqlError({ code: SqlState.invalidParameterValue, message: `option "${STATE_TTL}" requires a time, not "${text}"` });
  return ttlMs === 0 ? query : { ...query, body: hinted(query.body, ttlDuration(ttlMs), query.span) };
}

/** In front of the first SELECT; a query without one keeps nothing. */
function hinted<Body extends QueryBody>(body: Body, ttl: string, span: Span): Body {
  switch (body.kind) {
    case 'select':
      return { ...body, hints: [...(body as Select).hints, ttlHint(ttl, span)] };
    case 'set-operation':
      return { ...body, left: hinted(body.left, ttl, span) };
    case 'query':
      return { ...body, body: hinted(body.body, ttl, span) };
    default:
      return body;
  }
}

function ttlHint(ttl: string, span: Span): Select['hints'][number] {
  const name = { kind: 'identifier', text: 'STATE_TTL', quoted: false, span } as const;
  return { kind: 'hint', name, arguments: [{ kind: 'hint-argument', key: null, value: ttl, span }], span };
}
