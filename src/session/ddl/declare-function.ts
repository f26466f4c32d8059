import { SqlError, SqlState } from '../../base/index.ts';
import type { DeclaredFunction } from '../../catalog/index.ts';
import { bindFunctionBody } from '../../plan/index.ts';
import type { OptionDefinition } from '../../spi/index.ts';
import { type CreateFunction, type FunctionParameter, foldIdentifier, parseStatement, printExpression, printStatement } from '../../sql/index.ts';
import type { RowField, SqlType } from '../../types/index.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext } from '../statement-context.ts';
import { checkOptions } from './resolve-options.ts';

const TIMEOUT_MS_DEFAULT = 500;
const TIMEOUT_MS_MAX = 60_000;

const functionOptions: readonly OptionDefinition[] = [
  { name: 'timeout_ms', type: 'integer', description: 'How long one call may take, in milliseconds; 500 without it.' },
];

type FunctionDraft = Omit<DeclaredFunction, 'oid'>;

/**
 * The declaration of a statement, its body bound (SQL) or compiled (JavaScript). Errors: 42601 and those of the body at their places, 42P13 for a
 * declaration that says too little, 0A000 for languages and kinds of parameters there are not.
 */
export function declareFunction(
  statement: CreateFunction,
  named: { readonly schema: string; readonly name: string },
  context: StatementContext,
): FunctionDraft {
  const language = languageOf(statement);
  const kind = kindOf(statement, language);
  const parameters = statement.parameters.map((parameter) => plainParameter(parameter, context));
  const columns = kind === 'table' ? columnsOf(statement, named.name, context) : null;
  const draft: FunctionDraft = {
    ...named,
    kind,
    language,
    parameters,
    resultType: columns === null ? returnType(statement, context) : columns.length === 1 ? columns[0]!.type : { kind: 'row', fields: columns },
    columns,
    volatility: statement.volatility ?? 'immutable',
    strict: statement.strict,
    timeoutMs: timeoutOf(statement),
    body: bodyOf(statement, language),
    statement: printStatement(statement),
    dependsOn: [],
  };
  if (language === 'sql') return boundBody(draft, statement, context);
  atBody(draft, statement, context, () => context.engine.registries.scripts.check(draft));
  return draft;
}

function languageOf(statement: CreateFunction): DeclaredFunction['language'] {
  const language = statement.language ?? (statement.returnExpression === null && statement.body !== null ? 'java' : 'sql');
  if (language === 'sql' || language === 'javascript') return language;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `functions in ${language} are not supported`,
    hint: 'Write it in JavaScript: CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE javascript AS $$ return x + 1 $$.',
    position: statement.span.start,
  });
}

function kindOf(statement: CreateFunction, language: DeclaredFunction['language']): DeclaredFunction['kind'] {
  if (!statement.aggregate) return statement.returnsSet || statement.returnsTable.length > 0 ? 'table' : 'scalar';
  if (language === 'javascript' && !statement.returnsSet && statement.returnsTable.length === 0) return 'aggregate';
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: language === 'sql' ? 'aggregates in SQL are not supported' : 'aggregates that return rows are not supported',
    hint: 'Write it in JavaScript: create_state(), accumulate(state, …) and finish(state), LANGUAGE javascript.',
    position: statement.span.start,
  });
}

function plainParameter(parameter: FunctionParameter, context: StatementContext): { readonly name: string | null; readonly type: SqlType } {
  const refused =
    parameter.mode !== 'in' ? `${parameter.mode.toUpperCase()} parameters` : parameter.defaultValue !== null ? 'default arguments' : null;
  if (refused !== null) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `${refused} of functions are not supported`,
      hint: parameter.mode === 'in' ? 'Declare a second function with fewer parameters.' : 'Use RETURNS, or RETURNS TABLE (…) for several columns.',
      position: parameter.span.start,
    });
  }
  return { name: parameter.name === null ? null : foldIdentifier(parameter.name), type: binderOf(context).type(parameter.type) };
}

function columnsOf(statement: CreateFunction, name: string, context: StatementContext): readonly RowField[] {
  const binder = binderOf(context);
  if (statement.returnsTable.length === 0) return [{ name, type: returnType(statement, context) }];
  return statement.returnsTable.map((column) => ({
    name: column.name === null ? name : foldIdentifier(column.name),
    type: binder.type(column.type),
  }));
}

function returnType(statement: CreateFunction, context: StatementContext): SqlType {
  if (statement.returns !== null) return binderOf(context).type(statement.returns);
  throw new SqlError({
    code: SqlState.invalidFunctionDefinition,
    message: 'function result type must be specified',
    hint: 'RETURNS INT, or RETURNS TABLE (a INT, b TEXT) for rows.',
    position: statement.span.start,
  });
}

function timeoutOf(statement: CreateFunction): number {
  const written = checkOptions(statement.options, functionOptions, 'a function').get('timeout_ms');
  const timeoutMs = written === undefined ? TIMEOUT_MS_DEFAULT : Number(written);
  if (timeoutMs >= 1 && timeoutMs <= TIMEOUT_MS_MAX) return timeoutMs;
  throw new SqlError({
    code: SqlState.invalidParameterValue,
    message: `timeout_ms must be between 1 and ${TIMEOUT_MS_MAX}`,
    position: statement.options[0]?.span.start,
  });
}

function bodyOf(statement: CreateFunction, language: DeclaredFunction['language']): string {
  const { body, returnExpression } = statement;
  if (language === 'sql' && returnExpression !== null) return `SELECT ${printExpression(returnExpression)}`;
  if (body !== null && body.trim() !== '') return body;
  throw new SqlError({ code: SqlState.invalidFunctionDefinition, message: 'no function body specified', position: statement.span.start });
}

/** Binds the query over its parameters: what is wrong with it shows, and what it reads is known. */
function boundBody(draft: FunctionDraft, statement: CreateFunction, context: StatementContext): FunctionDraft {
  return atBody(draft, statement, context, () => {
    const parsed = parseStatement(draft.body);
    if (parsed.kind !== 'query') {
      throw new SqlError({
        code: SqlState.featureNotSupported,
        message: 'a function in SQL is one query',
        hint: 'AS $$ SELECT … $$',
        position: parsed.span.start,
      });
    }
    return { ...draft, body: printStatement(parsed), dependsOn: bindFunctionBody({ ...draft, oid: 0 }, binderOf(context).context) };
  });
}

/** Places in the body as places in the statement, where the body stands in it letter by letter. */
function atBody<Result>(draft: FunctionDraft, statement: CreateFunction, context: StatementContext, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const { text, start } = context.parsed;
    const place = statement.returnExpression === null ? text.indexOf(draft.body) : -1;
    throw error.with({ position: error.position === undefined || place < 0 ? statement.span.start : start + place + error.position });
  }
}
