import { SqlError, SqlState } from '../base/index.ts';
import { readToken, skipGap, type Token } from './lexer.ts';

/** How deep parentheses, brackets and CASE may nest. Deeper input is refused before the parser, whose stack it would use up. */
export const NESTING_DEPTH_LIMIT = 400;

/**
 * What can be said about a text without its grammar: tokens that never end, malformed numbers, nesting beyond the limit.
 * Messages and codes are those of PostgreSQL's scanner.
 */
export function checkTokens(text: string): void {
  let depth = 0;
  let at = 0;
  for (;;) {
    const start = skipGap(text, at);
    if (typeof start !== 'number') throw scannerError(text, `unterminated /* comment`, { start: start.start, end: text.length });
    const token = readToken(text, start);
    if (token === null) return;
    checkToken(text, token);
    depth += nestingStep(text, token);
    if (depth > NESTING_DEPTH_LIMIT) throw stackDepthExceeded(token.start);
    at = token.end;
  }
}

/** The error for input that nests too deep, wherever it is noticed. */
export function stackDepthExceeded(position?: number, cause?: unknown): SqlError {
  return new SqlError({
    code: SqlState.statementTooComplex,
    message: 'stack depth limit exceeded',
    hint: `Expressions and subqueries may nest ${NESTING_DEPTH_LIMIT} levels deep.`,
    position,
    cause,
  });
}

function checkToken(text: string, token: Token): void {
  if (token.unterminated !== null) throw scannerError(text, `unterminated ${token.unterminated}`, token);
  if (token.type === 'number' && !isNumber(text.slice(token.start, token.end)))
    throw scannerError(text, 'trailing junk after numeric literal', token);
  if (token.type === 'quoted-identifier' && token.end - token.start === 2) throw scannerError(text, 'zero-length delimited identifier', token);
}

function isNumber(text: string): boolean {
  return /^(?:(?:\d+(?:_\d+)*)?\.?(?:\d+(?:_\d+)*)?(?:[eE][+-]?\d+(?:_\d+)*)?|0[xX](?:_?[0-9A-Fa-f])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+)$/.test(
    text,
  );
}

function nestingStep(text: string, token: Token): number {
  if (token.type === 'punctuation') {
    const character = text[token.start];
    if (character === '(' || character === '[') return 1;
    return character === ')' || character === ']' ? -1 : 0;
  }
  if (token.type !== 'word') return 0;
  const length = token.end - token.start;
  if (length === 4) return text.slice(token.start, token.end).toLowerCase() === 'case' ? 1 : 0;
  return length === 3 && text.slice(token.start, token.end).toLowerCase() === 'end' ? -1 : 0;
}

function scannerError(text: string, problem: string, token: { readonly start: number; readonly end: number }): SqlError {
  const near = text.slice(token.start, token.end);
  return new SqlError({ code: SqlState.syntaxError, message: `${problem} at or near "${near}"`, position: token.start });
}
