import { SqlError, SqlState } from '../../../base/index.ts';
import type { EvaluationContext, SessionActions } from '../../../expr/index.ts';

/** Errors: 0A000 where no statement of a session asks. */
export function actionsOf({ actions }: EvaluationContext, name: string): SessionActions {
  if (actions !== undefined) return actions;
  throw new SqlError({ code: SqlState.featureNotSupported, message: `${name}() cannot be called here: only statements have a session` });
}

/** `evaluate` of a function that waits: whoever calls it cannot. */
export function refuseToWait(name: string): () => never {
  return () => {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `${name}() cannot wait here`,
      hint: 'Call it in a SELECT list, WHERE, VALUES or FROM, without columns of a query around it.',
    });
  };
}
