import { SqlError, SqlState } from '../../../../base/index.ts';

export interface PathToken {
  readonly type: 'word' | 'string' | 'variable' | 'number' | 'symbol' | 'end';
  /** What the token means: escapes undone, a variable without its `$`. */
  readonly text: string;
  /** As it stands in the path. */
  readonly source: string;
}

const SYMBOLS = ['**', '&&', '||', '==', '!=', '<>', '<=', '>='];
const BLANK = /[ \t\n\r\f]+|\/\*[\s\S]*?\*\//y;
const NUMBER = /0[xX][0-9A-Fa-f]+(?:_[0-9A-Fa-f]+)*|0[oO][0-7]+|0[bB][01]+|(?:(?:0|[1-9]\d*(?:_\d+)*)\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
/** Any character but blanks and those with a meaning of their own. */
const WORD = /[^\s?%$.[\]{}()|&!=<>@#,*:\-+/\\"']+/y;
const VARIABLE = /\$([^\s?%$.[\]{}()|&!=<>@#,*:\-+/\\"']+)/y;

/** Cuts a path into tokens; the last one is the end. Errors: 42601. */
export function pathTokens(path: string): PathToken[] {
  const tokens: PathToken[] = [];
  let at = 0;
  while (at < path.length) {
    const blank = matchAt(BLANK, path, at);
    if (blank !== null) {
      at += blank[0].length;
      continue;
    }
    const token = tokenAt(path, at);
    tokens.push(token);
    at += token.source.length;
  }
  tokens.push({ type: 'end', text: '', source: '' });
  return tokens;
}

function tokenAt(path: string, at: number): PathToken {
  const character = path[at]!;
  if (character === '"' || character === "'") return stringAt(path, at);
  const number = matchAt(NUMBER, path, at);
  if (number !== null && number[0] !== '.' && /\d/.test(number[0])) return { type: 'number', text: number[0].replaceAll('_', ''), source: number[0] };
  const variable = path.startsWith('$"', at) ? null : matchAt(VARIABLE, path, at);
  if (variable !== null) return { type: 'variable', text: variable[1]!, source: variable[0] };
  if (path.startsWith('$"', at)) {
    const name = stringAt(path, at + 1);
    return { type: 'variable', text: name.text, source: `$${name.source}` };
  }
  const word = matchAt(WORD, path, at);
  if (word !== null) return { type: 'word', text: word[0], source: word[0] };
  const symbol = SYMBOLS.find((known) => path.startsWith(known, at)) ?? character;
  return { type: 'symbol', text: symbol, source: symbol };
}

/** A string in JSON's manner; single quotes, which Flink's paths have, are taken too. */
function stringAt(path: string, at: number): PathToken {
  const quote = path[at]!;
  let end = at + 1;
  while (end < path.length && path[end] !== quote) end += path[end] === '\\' ? 2 : 1;
  if (end >= path.length) throw pathSyntaxError('unterminated quoted string at end of jsonpath input');
  const source = path.slice(at, end + 1);
  return { type: 'string', text: unescaped(source.slice(1, -1)), source };
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function unescaped(text: string): string {
  return text.replace(
    /\\(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2})|([\s\S]))/g,
    (_, four?: string, braced?: string, two?: string, single?: string) => {
      const code = four ?? braced ?? two;
      if (code !== undefined) return codePoint(Number.parseInt(code, 16));
      return ESCAPES[single!] ?? single!;
    },
  );
}

function codePoint(code: number): string {
  if (code === 0 || code > 0x10_ff_ff) throw pathSyntaxError('invalid Unicode escape sequence in jsonpath input');
  return code <= 0xff_ff ? String.fromCharCode(code) : String.fromCodePoint(code);
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

export function pathSyntaxError(message: string, hint?: string): SqlError {
  return new SqlError({ code: SqlState.syntaxError, message, hint });
}
