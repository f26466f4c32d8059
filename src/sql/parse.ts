import { SqlError, SqlState } from '../base/index.ts';
import type { Expression, Statement } from './ast/index.ts';
import { checkTokens, stackDepthExceeded } from './check-tokens.ts';
import { StackDepthError } from './parser/syntax-failure.ts';
import { parse } from './parser.generated.js';
import { describeSyntaxError, isSyntaxFailure, type StartRule } from './syntax-error.ts';

/** One statement of a text. Offsets and all spans count from the start of the whole text, in UTF-16 code units. */
export interface ParsedStatement {
  readonly statement: Statement;
  /** The statement's own text, without the semicolon and the white space around it. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Every statement of a text; empty ones are skipped. Errors: 42601 with position and hint, 54001 for too deep nesting. */
export function parseStatements(text: string): ParsedStatement[] {
  const statements = read(text, 'Statements', () => parse(text));
  return statements.map(({ statement, start, end }) => ({ statement, text: text.slice(start, end), start, end }));
}

/** The only statement of a text; a second one or none is a syntax error. */
export function parseStatement(text: string): Statement {
  const [first, second] = parseStatements(text);
  if (first === undefined) throw new SqlError({ code: SqlState.syntaxError, message: 'syntax error at end of input', position: text.length });
  if (second !== undefined) {
    const message = 'cannot insert multiple commands into a prepared statement';
    throw new SqlError({ code: SqlState.syntaxError, message, position: second.start });
  }
  return first.statement;
}

/** A text that is one expression. */
export function parseExpression(text: string): Expression {
  return read(text, 'SingleExpression', () => parse(text, { startRule: 'SingleExpression' }));
}

/** Runs the generated parser; whatever it throws about the text leaves as a SqlError. */
function read<Result>(text: string, startRule: StartRule, run: () => Result): Result {
  checkTokens(text);
  try {
    return run();
  } catch (error) {
    if (error instanceof StackDepthError || error instanceof RangeError) throw stackDepthExceeded(undefined, error);
    if (isSyntaxFailure(error)) throw describeSyntaxError(text, error, startRule);
    throw error;
  }
}
