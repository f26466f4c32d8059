import { SqlError, SqlState } from '../../base/index.ts';
import { splitDistinctOfQuery, stateTtlMs, stateTtlOfQuery, ttlDuration } from '../../plan/index.ts';
import type { Query, QueryBody, Select, Span } from '../../sql/index.ts';
import { durationMs } from '../settings/index.ts';
import type { StatementContext } from '../statement-context.ts';

/** The setting, and an option of materialized views. */
export const STATE_TTL = 'state_ttl';

/**
 * The query of something continuous with what settings say about how it is planned written into it, as hints of its first SELECT, where it has none of its own:
 * STATE_TTL('1 d'), for which an option of the statement counts more than the setting, and SPLIT_DISTINCT('on'). What is made keeps them, whatever the
 * settings are later.
 */
export function withDeclaredHints(query: Query, context: StatementContext, stateTtlOption?: string): Query {
  const ttl = stateTtlOfQuery(query) === null ? declaredStateTtl(context, stateTtlOption) : null;
  const split = splitDistinctOfQuery(query) === null ? context.session.settings.get('split_distinct') : 'auto';
  const hints = [
    ...(ttl === null ? [] : [hint('STATE_TTL', ttl, query.span)]),
    ...(split === 'auto' ? [] : [hint('SPLIT_DISTINCT', split, query.span)]),
  ];
  return hints.length === 0 ? query : { ...query, body: hinted(query.body, hints) };
}

function declaredStateTtl(context: StatementContext, option?: string): string | null {
  const text = option ?? context.session.settings.get(STATE_TTL);
  const ttlMs = option === undefined ? durationMs(text) : stateTtlMs(option);
  if (ttlMs === null) throw new SqlError({ code: SqlState.invalidParameterValue, message: `option "${STATE_TTL}" requires a time, not "${text}"` });
  return ttlMs === 0 ? null : ttlDuration(ttlMs);
}

/** In front of the first SELECT; a query without one keeps nothing. */
function hinted<Body extends QueryBody>(body: Body, hints: Select['hints']): Body {
  switch (body.kind) {
    case 'select':
      return { ...body, hints: [...(body as Select).hints, ...hints] };
    case 'set-operation':
      return { ...body, left: hinted(body.left, hints) };
    case 'query':
      return { ...body, body: hinted(body.body, hints) };
    default:
      return body;
  }
}

function hint(text: string, value: string, span: Span): Select['hints'][number] {
  const name = { kind: 'identifier', text, quoted: false, span } as const;
  return { kind: 'hint', name, arguments: [{ kind: 'hint-argument', key: null, value, span }], span };
}
