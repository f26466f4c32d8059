import { nearestNames, SqlError, SqlState } from '../base/index.ts';
import { foreignStatementError } from './foreign-statement.ts';
import { keywords } from './keywords.ts';
import { readToken, skipGap, type Token, tokensOf } from './lexer.ts';
import { SyntaxErrorAt } from './parser/syntax-failure.ts';
import { type Expectation, SyntaxError as GrammarError, parse } from './parser.generated.js';

export type StartRule = 'Statements' | 'SingleExpression';

/** Longer texts get no hint: looking for one parses the text again a few times. */
const HINT_TEXT_LENGTH_MAX = 20_000;
const CANDIDATES_PER_WORD_MAX = 4;
/** The words that may be the mistyped one: where the parser stopped, and the two before it. */
const SUSPECTS_MAX = 3;
const SUSPECT_LENGTH_MIN = 3;
const EXPECTED_MAX = 4;

/** True for the two kinds of errors that the generated parser throws about the text. */
export function isSyntaxFailure(error: unknown): error is GrammarError | SyntaxErrorAt {
  return error instanceof GrammarError || error instanceof SyntaxErrorAt;
}

/** PostgreSQL's error for a text the grammar cannot read: the token it stopped at, and what was probably meant. */
export function describeSyntaxError(text: string, failure: GrammarError | SyntaxErrorAt, startRule: StartRule): SqlError {
  const position = failurePosition(text, failure);
  const foreign = startRule === 'Statements' ? foreignStatementError(text, statementStart(text, position)) : null;
  if (foreign !== null) return foreign;
  const token = readToken(text, position);
  const place = token === null ? 'at end of input' : `at or near "${text.slice(token.start, token.end)}"`;
  const word = mistypedWord(text, position, startRule);
  return new SqlError({
    code: SqlState.syntaxError,
    message: `syntax error ${place}`,
    detail: word === null ? detailOf(failure) : undefined,
    hint: word === null ? undefined : `Perhaps you meant "${word}".`,
    position,
  });
}

/** Where the statement begins that holds a position. */
function statementStart(text: string, position: number): number {
  let start: number | null = null;
  for (const token of tokensOf(text)) {
    if (token.start > position) break;
    if (text[token.start] === ';') start = null;
    else start ??= token.start;
  }
  return start ?? position;
}

function failurePosition(text: string, failure: GrammarError | SyntaxErrorAt): number {
  const position = failure instanceof SyntaxErrorAt ? failure.position : failure.location.start.offset;
  const behindGap = skipGap(text, position);
  return typeof behindGap === 'number' ? behindGap : position;
}

function detailOf(failure: GrammarError | SyntaxErrorAt): string | undefined {
  if (failure instanceof SyntaxErrorAt) return failure.detail;
  const expected = [...new Set((failure.expected ?? []).map(expectationText).filter((text) => text !== null))].sort();
  if (expected.length === 0 || expected.length > EXPECTED_MAX) return undefined;
  const last = expected.pop()!;
  return `Expected ${expected.length === 0 ? last : `${expected.join(', ')} or ${last}`}.`;
}

function expectationText(expectation: Expectation): string | null {
  switch (expectation.type) {
    case 'other':
      return expectation.description === 'white space' ? null : (expectation.description ?? null);
    case 'literal':
      return `"${expectation.text}"`;
    case 'end':
      return 'end of input';
    default:
      return null;
  }
}

/**
 * The keyword that was meant by a mistyped word. A candidate counts only when the parser gets further with it, so the hint never
 * sends the user in a wrong direction. `SELECT a FORM t` stops at `t`, since FORM could be an alias: hence the words before.
 */
function mistypedWord(text: string, position: number, startRule: StartRule): string | null {
  if (text.length > HINT_TEXT_LENGTH_MAX) return null;
  let best: { readonly word: string; readonly reached: number } | null = null;
  for (const token of suspects(text, position)) {
    const word = text.slice(token.start, token.end);
    for (const candidate of nearestNames(word, longKeywords(), CANDIDATES_PER_WORD_MAX)) {
      const changed = text.slice(0, token.start) + candidate + text.slice(token.end);
      const reached = reachedPosition(changed, startRule) - (candidate.length - word.length);
      if (reached > position && (best === null || reached > best.reached)) best = { word: candidate.toUpperCase(), reached };
    }
  }
  return best?.word ?? null;
}

/** Words of two letters are near to everything, so none of them is a guess worth making. */
function longKeywords(): string[] {
  return [...keywords.keys()].filter((word) => word.length >= SUSPECT_LENGTH_MIN);
}

function suspects(text: string, position: number): Token[] {
  const words: Token[] = [];
  for (const token of tokensOf(text)) {
    if (token.start > position) break;
    words.push(token);
  }
  return words.slice(-SUSPECTS_MAX).filter((token) => isSuspect(text, token));
}

function isSuspect(text: string, token: Token): boolean {
  return token.type === 'word' && token.end - token.start >= SUSPECT_LENGTH_MIN && !keywords.has(text.slice(token.start, token.end).toLowerCase());
}

function reachedPosition(text: string, startRule: StartRule): number {
  try {
    if (startRule === 'Statements') parse(text);
    else parse(text, { startRule });
    return Number.POSITIVE_INFINITY;
  } catch (error) {
    return isSyntaxFailure(error) ? failurePosition(text, error) : -1;
  }
}
