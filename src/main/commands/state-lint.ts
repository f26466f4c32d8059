import { SqlError, SqlState } from '../../base/index.ts';
import type { ServerSession } from '../../session/index.ts';
import { parseStatements } from '../../sql/index.ts';
import { runText } from '../local-session.ts';

/** The part of EXPLAIN (STATE, FORMAT JSON) that is read here. */
type ExplainedOperators = readonly {
  readonly State: readonly {
    readonly Operator: string;
    readonly State: readonly { readonly Keeps: string; readonly Bound: string; readonly Why: string; readonly Remedy?: string }[];
  }[];
}[];

const CONTINUOUS: readonly string[] = ['create-materialized-view', 'create-sink'];

/** Refuses a view or sink whose operators would keep something that nothing bounds. Errors: 54000 with all of it, and the clauses that would bound it. */
export async function requireBoundedState(session: ServerSession, text: string): Promise<void> {
  const parsed = parseStatements(text);
  if (!parsed.some(({ statement }) => CONTINUOUS.includes(statement.kind))) return;
  let json = '';
  await runText(session, `EXPLAIN (STATE, FORMAT JSON) ${text}`, ({ result }) => {
    for (const row of result?.rows ?? []) json += String(row[0]);
  });
  const operators = (JSON.parse(json) as ExplainedOperators).flatMap((explained) => explained.State);
  const unbounded = operators.flatMap(({ Operator, State }) =>
    State.filter(({ Bound }) => Bound === 'unbounded').map((kept) => ({ Operator, ...kept })),
  );
  if (unbounded.length === 0) return;
  throw new SqlError({
    code: SqlState.programLimitExceeded,
    message: 'the statement would keep state that nothing bounds',
    detail: unbounded.map((kept) => `${kept.Keeps} of "${kept.Operator}": ${kept.Why}`).join('; '),
    hint: [...new Set(unbounded.flatMap(({ Remedy }) => Remedy ?? []))].join('; or '),
    position: parsed[0]!.statement.span.start,
  });
}
