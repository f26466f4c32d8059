import { SqlError, SqlState } from '../../../base/index.ts';
import { BoundedExpression } from './bounded-expression.ts';

/** A PostgreSQL regular expression as JavaScript sees it; `global` is the `g` flag of regexp_replace and its kin. */
export interface CompiledExpression {
  readonly expression: BoundedExpression;
  readonly global: boolean;
}

const CACHED_EXPRESSIONS_MAX = 256;
const PATTERN_LENGTH_MAX = 4096;
const REPETITION_MAX = 255;
const cache = new Map<string, CompiledExpression>();

/**
 * Compiles a PostgreSQL "advanced" regular expression (manual, section 9.7.3) for JavaScript's engine. Supported: everything but collating
 * elements. One difference remains: alternatives are tried from left to right, not longest first. No pattern takes more than linear time: see
 * bounded-expression.ts.
 */
export function compileExpression(pattern: string, flags = ''): CompiledExpression {
  const key = `${flags}\u0000${pattern}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const compiled = translate(pattern, flags);
  if (cache.size >= CACHED_EXPRESSIONS_MAX) cache.clear();
  cache.set(key, compiled);
  return compiled;
}

function translate(pattern: string, flags: string): CompiledExpression {
  if (pattern.length > PATTERN_LENGTH_MAX) throw invalidExpression('regular expression is too complex');
  const options = readFlags(flags);
  let source = pattern;
  const embedded = /^\(\?([a-z]+)\)/.exec(source);
  if (embedded !== null) {
    source = source.slice(embedded[0].length);
    Object.assign(options, readFlags(embedded[1]!, options));
  }
  if (source.startsWith('***=')) {
    source = source.slice(4);
    options.literal = true;
  } else if (source.startsWith('***:')) source = source.slice(4);
  const translated = options.literal ? escapeLiteral(source) : new Translator(source, options).translate();
  const jsFlags = `u${options.ignoreCase ? 'i' : ''}${options.dotMatchesNewline ? 's' : ''}${options.anchorsAtLines ? 'm' : ''}`;
  try {
    return { expression: new BoundedExpression(translated, jsFlags), global: options.global };
  } catch (error) {
    throw invalidExpression(describe(error));
  }
}

interface Options {
  ignoreCase: boolean;
  dotMatchesNewline: boolean;
  anchorsAtLines: boolean;
  expanded: boolean;
  literal: boolean;
  global: boolean;
}

function readFlags(flags: string, base?: Options): Options {
  const options = base ?? { ignoreCase: false, dotMatchesNewline: true, anchorsAtLines: false, expanded: false, literal: false, global: false };
  for (const flag of flags) {
    switch (flag) {
      case 'g':
        options.global = true;
        break;
      case 'i':
        options.ignoreCase = true;
        break;
      case 'c':
        options.ignoreCase = false;
        break;
      case 'n':
      case 'm':
        options.dotMatchesNewline = false;
        options.anchorsAtLines = true;
        break;
      case 'p':
        options.dotMatchesNewline = false;
        options.anchorsAtLines = false;
        break;
      case 'w':
        options.dotMatchesNewline = true;
        options.anchorsAtLines = true;
        break;
      case 's':
        options.dotMatchesNewline = true;
        options.anchorsAtLines = false;
        break;
      case 'x':
        options.expanded = true;
        break;
      case 't':
        options.expanded = false;
        break;
      case 'q':
        options.literal = true;
        break;
      case 'a':
      case 'e':
        break;
      default:
        throw new SqlError({ code: SqlState.invalidParameterValue, message: `invalid regular expression option: "${flag}"` });
    }
  }
  return options;
}

const CLASSES: Record<string, string> = {
  alpha: '\\p{L}',
  digit: '0-9',
  alnum: '\\p{L}\\p{N}',
  upper: '\\p{Lu}',
  lower: '\\p{Ll}',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`\\{-~',
  cntrl: '\\x00-\\x1f\\x7f',
  xdigit: '0-9A-Fa-f',
  graph: '!-~\\p{L}\\p{N}\\p{P}\\p{S}',
  print: ' -~\\p{L}\\p{N}\\p{P}\\p{S}',
  word: '\\p{L}\\p{N}_',
};
const WORD_START = '(?<![\\p{L}\\p{N}_])(?=[\\p{L}\\p{N}_])';
const WORD_END = '(?<=[\\p{L}\\p{N}_])(?![\\p{L}\\p{N}_])';
/** Escapes with a letter outside brackets; PostgreSQL's constraint and class escapes. */
const ESCAPES: Record<string, string> = {
  a: '\\x07',
  b: '\\x08',
  B: '\\\\',
  e: '\\x1b',
  f: '\\f',
  n: '\\n',
  r: '\\r',
  t: '\\t',
  v: '\\v',
  d: '[0-9]',
  D: '[^0-9]',
  s: '\\s',
  S: '\\S',
  w: '[\\p{L}\\p{N}_]',
  W: '[^\\p{L}\\p{N}_]',
  m: WORD_START,
  M: WORD_END,
  y: `(?:${WORD_START}|${WORD_END})`,
  Y: `(?!${WORD_START}|${WORD_END})`,
  A: '(?<![\\s\\S])',
  Z: '(?![\\s\\S])',
};

class Translator {
  readonly #source: string;
  readonly #options: Options;
  #depth = 0;
  #at = 0;
  #out = '';
  #atomPresent = false;

  constructor(source: string, options: Options) {
    this.#source = source;
    this.#options = options;
  }

  translate(): string {
    while (this.#at < this.#source.length) this.#next();
    if (this.#depth > 0) throw invalidExpression('parentheses () not balanced');
    return this.#out;
  }

  #next(): void {
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at)!);
    if (this.#options.expanded && /\s/.test(character)) {
      this.#at++;
      return;
    }
    if (this.#options.expanded && character === '#') {
      const end = this.#source.indexOf('\n', this.#at);
      this.#at = end < 0 ? this.#source.length : end + 1;
      return;
    }
    switch (character) {
      case '\\':
        this.#escape();
        break;
      case '[':
        this.#atom(this.#bracket());
        break;
      case '(':
        this.#open();
        break;
      case ')':
        this.#close();
        break;
      case '*':
      case '+':
      case '?':
        this.#at++;
        this.#quantifier(character);
        break;
      case '{':
        this.#braces();
        break;
      case '|':
        this.#at++;
        this.#out += '|';
        this.#atomPresent = false;
        break;
      case '^':
      case '$':
        this.#at++;
        this.#out += character;
        this.#atomPresent = false;
        break;
      default:
        this.#at += character.length;
        this.#atom(/[\]}/]/.test(character) ? `\\${character}` : character);
    }
  }

  #atom(code: string): void {
    this.#out += code;
    this.#atomPresent = true;
  }

  #open(): void {
    const special = /^\(\?(?::|=|!|<=|<!)/.exec(this.#source.slice(this.#at));
    if (special === null && this.#source.startsWith('(?', this.#at)) throw invalidExpression('quantifier operand invalid');
    const head = special?.[0] ?? '(';
    this.#at += head.length;
    this.#out += head;
    this.#depth++;
    this.#atomPresent = false;
  }

  #close(): void {
    if (this.#depth === 0) throw invalidExpression('parentheses () not balanced');
    this.#depth--;
    this.#at++;
    this.#out += ')';
    this.#atomPresent = true;
  }

  #braces(): void {
    const match = /^\{(\d{1,3})(?:(,)(\d{1,3})?)?\}/.exec(this.#source.slice(this.#at));
    if (match === null) throw invalidExpression('invalid repetition count(s)');
    const [text, low, , high] = match;
    if (Number(low) > REPETITION_MAX || Number(high ?? 0) > REPETITION_MAX || (high !== undefined && Number(high) < Number(low))) {
      throw invalidExpression('invalid repetition count(s)');
    }
    this.#at += text.length;
    this.#quantifier(text);
  }

  #quantifier(text: string): void {
    if (!this.#atomPresent) throw invalidExpression('quantifier operand invalid');
    this.#out += text;
    if (this.#source[this.#at] === '?') {
      this.#out += '?';
      this.#at++;
    }
    if (/^[*+?]/.test(this.#source.slice(this.#at))) throw invalidExpression('quantifier operand invalid');
    this.#atomPresent = false;
  }

  #escape(): void {
    const letter = this.#source[this.#at + 1];
    if (letter === undefined) throw invalidExpression('invalid escape \\ sequence');
    const hex = /^\\(?:x([0-9a-fA-F]{1,6})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(this.#source.slice(this.#at));
    if (hex !== null) {
      this.#at += hex[0].length;
      this.#atom(`\\u{${hex[1] ?? hex[2] ?? hex[3]}}`);
      return;
    }
    const reference = /^\\([1-9]\d?)/.exec(this.#source.slice(this.#at));
    if (reference !== null) {
      this.#at += reference[0].length;
      this.#atom(`(?:\\${reference[1]})`);
      return;
    }
    if (/[A-Za-z0-9]/.test(letter)) {
      const code = ESCAPES[letter];
      if (code === undefined) throw invalidExpression('invalid escape \\ sequence');
      this.#at += 2;
      this.#atom(code);
      if ('mMyYAZ'.includes(letter)) this.#atomPresent = false;
      return;
    }
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at + 1)!);
    this.#at += 1 + character.length;
    this.#atom(escapeLiteral(character));
  }

  #bracket(): string {
    const rest = this.#source.slice(this.#at);
    if (rest.startsWith('[[:<:]]') || rest.startsWith('[[:>:]]')) {
      this.#at += 7;
      return rest.startsWith('[[:<:]]') ? WORD_START : WORD_END;
    }
    this.#at++;
    let out = '[';
    if (this.#source[this.#at] === '^') {
      out += '^';
      this.#at++;
      if (!this.#options.dotMatchesNewline) out += '\\n';
    }
    let first = true;
    for (;;) {
      const character = this.#source[this.#at];
      if (character === undefined) throw invalidExpression('brackets [] not balanced');
      if (character === ']' && !first) break;
      first = false;
      out += this.#member(character);
    }
    this.#at++;
    return `${out}]`;
  }

  #member(character: string): string {
    const named = /^\[:(\w+):\]/.exec(this.#source.slice(this.#at));
    if (named !== null) {
      const code = CLASSES[named[1]!];
      if (code === undefined) throw invalidExpression('invalid character class');
      this.#at += named[0].length;
      return code;
    }
    if (/^\[[.=]/.test(this.#source.slice(this.#at))) throw invalidExpression('invalid collating element');
    if (character === '\\') {
      const classEscape = /^\\([dswDSW])/.exec(this.#source.slice(this.#at));
      if (classEscape !== null) {
        this.#at += 2;
        const word = classEscape[1]!;
        return word === 'd' ? '0-9' : word === 'w' ? '\\p{L}\\p{N}_' : `\\${word}`;
      }
      const next = this.#source[this.#at + 1] ?? '';
      this.#at += 2;
      const code = /[a-z]/.test(next) ? ESCAPES[next] : undefined;
      return code !== undefined && code.length <= 4 ? code : escapeLiteral(next);
    }
    const whole = String.fromCodePoint(this.#source.codePointAt(this.#at)!);
    this.#at += whole.length;
    const isRange = whole === '-' && this.#source[this.#at] !== ']' && this.#source[this.#at - 2] !== '[' && this.#source[this.#at - 2] !== '^';
    return isRange ? '-' : whole === '-' ? '\\-' : escapeLiteral(whole);
  }
}

/** 2201B in PostgreSQL's words. */
function invalidExpression(reason: string): SqlError {
  return new SqlError({ code: SqlState.invalidRegularExpression, message: `invalid regular expression: ${reason}` });
}

function escapeLiteral(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^Invalid regular expression: /, '').replace(/^\/.*\/\w*: /, '');
}
