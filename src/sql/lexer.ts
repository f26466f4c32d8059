/**
 * Cuts SQL text into tokens without understanding it: enough to find where statements end, what token stands at a position,
 * and how deep parentheses nest. The grammar has its own, finer tokens; both follow PostgreSQL's scanner (scan.l).
 */
export type TokenType = 'word' | 'quoted-identifier' | 'string' | 'number' | 'parameter' | 'operator' | 'punctuation' | 'unknown';

export interface Token {
  readonly type: TokenType;
  readonly start: number;
  readonly end: number;
  /** What the text lacks when the token runs into its end; null for a whole token. */
  readonly unterminated: 'quoted string' | 'quoted identifier' | 'dollar-quoted string' | null;
}

/** A gap that never ends: the position of the comment that was opened and not closed. */
export interface UnterminatedComment {
  readonly unterminated: 'comment';
  readonly start: number;
}

// A class alone in a loop costs the regular expression engine no memory; an alternative in one does, and ends long strings with an overflow.
const tokenPattern =
  /(?<string>(?:[nN]|[uU]&)?'[^']*(?:''[^']*)*(?<stringEnd>'?)|[bBxX]'[^']*(?<bitEnd>'?)|[eE]'[^'\\]*(?:(?:''|\\[\s\S])[^'\\]*)*(?<escapeEnd>'?))|(?<quoted>(?:[uU]&)?"[^"]*(?:""[^"]*)*(?<quotedEnd>"?)|`(?:[^`]|``)*(?<backtickEnd>`?))|(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(?<number>(?:\d[\w]*\.?|\.\d)[\w]*(?:(?<=[eE])[+-]\d+)?)|(?<parameter>\$\d+)|(?<punctuation>::|:=|[()[\]{},;:.])|(?<operator>(?:(?!--|\/\*)[-+*/<>=~!@#%^&|?])+)/y;

const dollarPattern = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;

const gapPattern = /(?:[ \t\n\r\f\v]+|--[^\n\r]*)+/y;

/** The position of the first character behind white space and comments, or the comment that never ends. */
export function skipGap(text: string, position: number): number | UnterminatedComment {
  let at = position;
  for (;;) {
    gapPattern.lastIndex = at;
    if (gapPattern.test(text)) at = gapPattern.lastIndex;
    if (!text.startsWith('/*', at)) return at;
    const end = blockCommentEnd(text, at);
    if (end < 0) return { unterminated: 'comment', start: at };
    at = end;
  }
}

function blockCommentEnd(text: string, start: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start + 2;
  let depth = 1;
  for (let match = edge.exec(text); match !== null; match = edge.exec(text)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return -1;
}

/** The token that begins at a position which is not in a gap; null at the end of the text. */
export function readToken(text: string, start: number): Token | null {
  if (start >= text.length) return null;
  const quick = readPlainToken(text, start);
  if (quick !== null) return quick;
  const dollar = readDollarQuote(text, start);
  if (dollar !== null) return dollar;
  tokenPattern.lastIndex = start;
  const groups = tokenPattern.exec(text)?.groups;
  if (groups === undefined) return { type: 'unknown', start, end: start + 1, unterminated: null };
  const end = tokenPattern.lastIndex;
  if (groups.string !== undefined) {
    const closed = (groups.stringEnd ?? groups.bitEnd ?? groups.escapeEnd) === "'";
    return { type: 'string', start, end, unterminated: closed ? null : 'quoted string' };
  }
  if (groups.quoted !== undefined) {
    const closed = (groups.quotedEnd ?? groups.backtickEnd) !== '';
    return { type: 'quoted-identifier', start, end, unterminated: closed ? null : 'quoted identifier' };
  }
  return { type: plainType(groups), start, end, unterminated: null };
}

const wordPattern = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;

/** Words and single punctuation, which most tokens are, without the price of the whole pattern. */
function readPlainToken(text: string, start: number): Token | null {
  const character = text[start]!;
  if ('(),;[]'.includes(character)) return { type: 'punctuation', start, end: start + 1, unterminated: null };
  wordPattern.lastIndex = start;
  if (!wordPattern.test(text)) return null;
  const end = wordPattern.lastIndex;
  const next = text[end];
  const mayBePrefix = end - start === 1 && (next === "'" || next === '&');
  return mayBePrefix ? null : { type: 'word', start, end, unterminated: null };
}

function plainType(groups: Readonly<Record<string, string | undefined>>): TokenType {
  if (groups.word !== undefined) return 'word';
  if (groups.number !== undefined) return 'number';
  if (groups.parameter !== undefined) return 'parameter';
  return groups.operator === undefined ? 'punctuation' : 'operator';
}

function readDollarQuote(text: string, start: number): Token | null {
  dollarPattern.lastIndex = start;
  const tag = dollarPattern.exec(text)?.[0];
  if (tag === undefined) return null;
  const close = text.indexOf(tag, start + tag.length);
  const unterminated = close < 0 ? 'dollar-quoted string' : null;
  return { type: 'string', start, end: close < 0 ? text.length : close + tag.length, unterminated };
}

/** Every token of a text in order. Ends early, with the comment as the return value, when a comment never ends. */
export function* tokensOf(text: string, from = 0): Generator<Token, UnterminatedComment | null> {
  let at = from;
  for (;;) {
    const start = skipGap(text, at);
    if (typeof start !== 'number') return start;
    const token = readToken(text, start);
    if (token === null) return null;
    yield token;
    at = token.end;
  }
}
