import { SqlError, SqlState } from '../../base/index.ts';
import { type Expression, type FunctionLookup, visitWithBodies } from '../../expr/index.ts';
import { type LogicalPlan, planExpressions, planInputs } from '../../plan/index.ts';
import { formatType } from '../../types/index.ts';

/** Errors: 0A000, with its place, for a call in the plan that asks the session or the catalog: a job runs in no session. */
export function refuseSessionCalls(plan: LogicalPlan, lookup: FunctionLookup): void {
  for (const expression of planExpressions(plan)) refuseSessionCall(expression, 'a continuous query', lookup);
  for (const input of planInputs(plan)) refuseSessionCalls(input, lookup);
}

/** The same for one expression; `where`: what it stands in, for the message. */
export function refuseSessionCall(expression: Expression, where: string, lookup: FunctionLookup): void {
  visitWithBodies(expression, (node) => {
    const asked = askedOf(node, lookup);
    if (asked === null) return;
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `${where} cannot ${asked}: its job runs in no session`,
      hint: 'Write the value itself, or ask in the query that reads the rows; a plain view is part of that query.',
      position: node.span?.start,
    });
  });
}

/** Errors: 42P17, with its place, for a call whose answer is another one each time. */
export function refuseVolatileCall(expression: Expression, where: string, lookup: FunctionLookup): void {
  visitWithBodies(expression, (node) => {
    if (node.kind !== 'call' || lookup.function(node.signature).volatility !== 'volatile') return;
    throw new SqlError({
      code: SqlState.invalidObjectDefinition,
      message: `${where} cannot call the volatile function ${functionName(node.signature)}()`,
      hint: 'Use DEFAULT, which is worked out once, when the row is written.',
      position: node.span?.start,
    });
  });
}

function functionName(signature: string): string {
  return signature.slice(0, signature.indexOf('('));
}

/** What a node does that only a session can answer, or null. */
function askedOf(node: Expression, lookup: FunctionLookup): string | null {
  if (node.kind === 'call') return lookup.function(node.signature).asksSession ? `call ${functionName(node.signature)}()` : null;
  if (node.kind !== 'cast') return null;
  const [from, to] = [node.input.type.kind, node.type.kind];
  const named = from.startsWith('reg') ? STRINGS.has(to) : to.startsWith('reg') && STRINGS.has(from);
  return named ? `look up the name of a ${formatType(from.startsWith('reg') ? node.input.type : node.type)}` : null;
}

const STRINGS: ReadonlySet<string> = new Set(['text', 'varchar', 'char', 'name']);
