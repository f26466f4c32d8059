import { tokensOf } from './lexer.ts';

/** One statement of a text that was cut but not parsed. */
export interface StatementText {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** False when the text ends before the semicolon, or inside a string, a comment or parentheses: more input is needed. */
  readonly complete: boolean;
}

/** The statement being collected while tokens pass by. */
interface Collected {
  start: number;
  end: number;
  parentheses: number;
  /** The first words in lower case, as many as it takes to know a statement set. */
  words: string;
  wordCount: number;
  lastWord: string;
}

/**
 * Cuts a text at the semicolons that end statements: not those in strings, comments, parentheses or statement sets. Fast and
 * forgiving, for reading a terminal line by line; empty statements are left out. `text` has no semicolon and no white space around it.
 */
export function splitStatements(text: string): StatementText[] {
  const statements: StatementText[] = [];
  let open: Collected | null = null;
  const tokens = tokensOf(text);
  for (let next = tokens.next(); ; next = tokens.next()) {
    if (next.done === true) {
      if (next.value !== null) {
        open ??= emptyStatement(next.value.start);
        open.end = text.trimEnd().length;
      }
      break;
    }
    const token = next.value;
    const content = text.slice(token.start, token.end);
    if (content === ';' && (open === null || !isInside(open))) {
      if (open !== null) statements.push(finished(text, open, true));
      open = null;
      continue;
    }
    open ??= emptyStatement(token.start);
    collect(open, { type: token.type, content, end: token.end });
  }
  if (open !== null) statements.push(finished(text, open, false));
  return statements;
}

function emptyStatement(start: number): Collected {
  return { start, end: start, parentheses: 0, words: '', wordCount: 0, lastWord: '' };
}

function collect(open: Collected, token: { readonly type: string; readonly content: string; readonly end: number }): void {
  open.end = token.end;
  if (token.content === '(') open.parentheses++;
  if (token.content === ')') open.parentheses = Math.max(0, open.parentheses - 1);
  if (token.content === ';') return;
  open.lastWord = token.type === 'word' ? token.content.toLowerCase() : '';
  if (open.wordCount++ < 4) open.words += `${open.lastWord} `;
}

/** A semicolon here does not end the statement. */
function isInside(open: Collected): boolean {
  if (open.parentheses > 0) return true;
  const isSet = /^(?:execute statement set begin|begin statement set) /.test(open.words);
  return isSet && open.lastWord !== 'end';
}

function finished(text: string, open: Collected, complete: boolean): StatementText {
  const { start, end } = open;
  return { text: text.slice(start, end), start, end, complete };
}
