import { commandArguments } from './command-arguments.ts';
import { type Variables, variableReference } from './variables.ts';

/** What the scanner has found: a whole statement, or a backslash command with the text behind its name. */
export type ScannedInput =
  | { readonly kind: 'statement'; readonly text: string; readonly line: number }
  | { readonly kind: 'command'; readonly name: string; readonly argumentText: string; readonly line: number };

/** What the text ends inside of, which the prompt shows. */
export type OpenConstruct = 'start' | 'statement' | 'quote' | 'identifier' | 'dollar' | 'comment' | 'parentheses';

type Mode = { readonly kind: 'plain' | 'quote' | 'escape-quote' | 'identifier' | 'comment' } | { readonly kind: 'dollar'; readonly tag: string };

const plainMode: Mode = { kind: 'plain' };
const wordPattern = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const dollarPattern = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const commandPattern = /\\([^\s\\]+)/y;
/** Commands whose argument is the rest of the line, backslashes and all. */
const wholeLineCommands = new Set(['copy']);
/** Variables whose values name variables whose values … */
const NESTED_VARIABLES_MAX = 32;

/**
 * Cuts input into statements and backslash commands, line by line, and puts the values of variables in the place of `:name`. Each line is read
 * once, however long the statement. A caller that runs what it gets before it asks for more sees `\set` work on the rest of the line.
 */
export class InputScanner {
  readonly #variables: Variables;
  #buffer = '';
  #hasContent = false;
  #hasReplaced = false;
  #startLine = 1;
  #line = 0;
  #mode: Mode = plainMode;
  #commentDepth = 0;
  #parentheses = 0;
  /** The first words of the statement and its last, which is all it takes to know a statement set. */
  #firstWords = '';
  #wordCount = 0;
  #lastWord = '';

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  /** The statement read so far. */
  get buffer(): string {
    return this.#buffer;
  }

  /** A variable was replaced in what was read so far. */
  get hasReplaced(): boolean {
    return this.#hasReplaced;
  }

  get inside(): OpenConstruct {
    if (this.#mode.kind === 'escape-quote') return 'quote';
    if (this.#mode.kind !== 'plain') return this.#mode.kind;
    if (this.#parentheses > 0) return 'parentheses';
    return this.#buffer === '' ? 'start' : 'statement';
  }

  /** The unfinished statement, for `\g` and for the end of the input; empty when there is nothing but comments. */
  takeBuffer(): { readonly text: string; readonly line: number } {
    const taken = { text: this.#hasContent ? this.#buffer.trimEnd() : '', line: this.#startLine };
    this.reset();
    return taken;
  }

  reset(): void {
    this.#buffer = '';
    this.#hasContent = false;
    this.#mode = plainMode;
    this.#commentDepth = 0;
    this.#parentheses = 0;
    this.#firstWords = '';
    this.#wordCount = 0;
    this.#lastWord = '';
  }

  /** Reads one line (without its line feed). */
  *scan(input: string): Generator<ScannedInput, void> {
    this.#line++;
    if (this.#buffer !== '') this.#buffer += '\n';
    let text = input;
    let at = 0;
    /** Ends of the values that are being read, counted from the end of the text: a variable inside its own value stays as it is. */
    const expanding: { readonly name: string; readonly rest: number }[] = [];
    while (at < text.length) {
      if (this.#mode.kind !== 'plain') {
        at = this.#closeMode(text, at);
        continue;
      }
      const character = text[at]!;
      if (character === ';' && this.#parentheses === 0 && !this.#inStatementSet()) {
        at++;
        if (!this.#hasContent) {
          this.reset();
          continue;
        }
        this.#buffer += ';';
        yield { kind: 'statement', ...this.takeBuffer() };
      } else if (character === '\\') {
        const command = this.#command(text, at);
        if (command === null) {
          at += 2;
          continue;
        }
        at = command.end;
        yield { kind: 'command', name: command.name, argumentText: command.argumentText, line: this.#line };
      } else if (character === ':') {
        while (expanding.length > 0 && text.length - at <= expanding.at(-1)!.rest) expanding.pop();
        const reference = this.#reference(text, at, expanding);
        if (reference === null) {
          at += this.#append(text[at + 1] === ':' || text[at + 1] === '=' ? text.slice(at, at + 2) : ':');
        } else if (reference.rescan) {
          expanding.push({ name: reference.name, rest: text.length - at - reference.length });
          text = text.slice(0, at) + reference.replacement + text.slice(at + reference.length);
        } else {
          this.#append(reference.replacement);
          at += reference.length;
        }
      } else at = this.#plain(text, at);
    }
  }

  #reference(text: string, at: number, expanding: readonly { readonly name: string }[]) {
    if (text[at + 1] === ':' || text[at + 1] === '=' || expanding.length >= NESTED_VARIABLES_MAX) return null;
    const reference = variableReference(text, at, this.#variables);
    if (reference === null || expanding.some((one) => one.name === reference.name)) return null;
    this.#hasReplaced = true;
    return reference;
  }

  /** A backslash command; `\\` alone only separates. */
  #command(text: string, at: number): { name: string; argumentText: string; end: number } | null {
    if (text[at + 1] === '\\') return null;
    commandPattern.lastIndex = at;
    const name = commandPattern.exec(text)?.[1] ?? '';
    const from = at + 1 + name.length;
    const end = wholeLineCommands.has(name) ? text.length : commandArguments(text, from, this.#variables).end;
    return { name, argumentText: text.slice(from, end), end };
  }

  /** A piece of plain text: blanks, a comment, a word, the opening of a quote, or one character. Returns where it ends. */
  #plain(text: string, at: number): number {
    const character = text[at]!;
    if (/\s/.test(character)) {
      if (this.#buffer !== '') this.#buffer += character;
      return at + 1;
    }
    if (text.startsWith('--', at)) {
      if (this.#buffer !== '') this.#buffer += text.slice(at);
      return text.length;
    }
    if (text.startsWith('/*', at)) return this.#open({ kind: 'comment' }, '/*', at);
    this.#significant();
    wordPattern.lastIndex = at;
    const word = wordPattern.exec(text)?.[0];
    if (word !== undefined) {
      if (/^e$/i.test(word) && text[at + 1] === "'") return this.#open({ kind: 'escape-quote' }, text.slice(at, at + 2), at);
      return at + this.#word(word);
    }
    if (character === "'") return this.#open({ kind: 'quote' }, "'", at);
    if (character === '"') return this.#open({ kind: 'identifier' }, '"', at);
    dollarPattern.lastIndex = at;
    const tag = dollarPattern.exec(text)?.[0];
    if (tag !== undefined) return this.#open({ kind: 'dollar', tag }, tag, at);
    if (character === '(') this.#parentheses++;
    if (character === ')') this.#parentheses = Math.max(0, this.#parentheses - 1);
    if (character !== ';') this.#lastWord = '';
    return at + this.#append(character);
  }

  #open(mode: Mode, opening: string, at: number): number {
    this.#mode = mode;
    if (mode.kind === 'comment') {
      this.#commentDepth = 1;
      if (this.#buffer !== '') this.#buffer += opening;
    } else {
      this.#lastWord = '';
      this.#append(opening);
    }
    return at + opening.length;
  }

  #word(word: string): number {
    this.#lastWord = word.toLowerCase();
    if (this.#wordCount++ < 4) this.#firstWords += `${this.#lastWord} `;
    return this.#append(word);
  }

  #append(text: string): number {
    this.#significant();
    this.#buffer += text;
    return text.length;
  }

  #significant(): void {
    if (this.#buffer === '') this.#startLine = this.#line;
    this.#hasContent = true;
  }

  /** Reads on inside of a quote or comment, up to its end or the end of the line. */
  #closeMode(text: string, at: number): number {
    const mode = this.#mode;
    if (mode.kind === 'comment') return this.#closeComment(text, at);
    const end = endOfQuote(mode, text, at);
    this.#buffer += text.slice(at, end ?? text.length);
    if (end === null) return text.length;
    this.#mode = plainMode;
    return end;
  }

  #closeComment(text: string, at: number): number {
    const edge = /\/\*|\*\//g;
    edge.lastIndex = at;
    let end = text.length;
    for (let match = edge.exec(text); match !== null && this.#commentDepth > 0; match = edge.exec(text)) {
      this.#commentDepth += match[0] === '/*' ? 1 : -1;
      if (this.#commentDepth === 0) end = match.index + 2;
    }
    if (this.#commentDepth === 0) this.#mode = plainMode;
    if (this.#buffer !== '') this.#buffer += text.slice(at, end);
    return end;
  }

  /** Statements of a set are separated by semicolons that end nothing. */
  #inStatementSet(): boolean {
    return /^(?:execute statement set begin|begin statement set) /.test(this.#firstWords) && this.#lastWord !== 'end';
  }
}

/** Where the quote ends on this line, behind its closing sign; null when it goes on. A doubled sign is one of the text. */
function endOfQuote(mode: Mode, text: string, at: number): number | null {
  if (mode.kind === 'dollar') {
    const close = text.indexOf(mode.tag, at);
    return close < 0 ? null : close + mode.tag.length;
  }
  const sign = mode.kind === 'identifier' ? '"' : "'";
  for (let position = at; position < text.length; position++) {
    if (mode.kind === 'escape-quote' && text[position] === '\\') position++;
    else if (text[position] === sign && text[position + 1] === sign) position++;
    else if (text[position] === sign) return position + 1;
  }
  return null;
}
