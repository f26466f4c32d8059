import type { Expression, Identifier, QualifiedName, Span } from '../ast/index.ts';

/**
 * What one run of the generated parser remembers about its text: where gaps begin, which word stands at a position, how far an
 * operator reaches. Everything here is a function of the text and a position, so backtracking cannot make it wrong.
 */
export class SourceText {
  readonly #text: string;
  /** For the end of a gap: one more than its start, so that zero means none. */
  readonly #gapStarts: Int32Array;
  #wordPosition = -1;
  #word = '';
  #queryPosition = -1;
  #queryFound = false;
  /** Spans with parentheses of operands that had them. */
  readonly outerSpans = new Map<Expression, Span>();

  constructor(text: string) {
    this.#text = text;
    this.#gapStarts = new Int32Array(text.length + 1);
  }

  noteGap(start: number, end: number): void {
    this.#gapStarts[end] = start + 1;
  }

  /** A range of the grammar without the white space that its last token took in. */
  trimmed(start: number, end: number): Span {
    const gap = this.#gapStarts[end]!;
    return { start, end: gap === 0 ? end : Math.max(gap - 1, start) };
  }

  /** The word that begins here in lower case, or ''. */
  wordAt(position: number): string {
    if (position !== this.#wordPosition) {
      this.#wordPosition = position;
      this.#word = this.#readWord(position);
    }
    return this.#word;
  }

  #readWord(position: number): string {
    return this.#text.slice(position, this.wordEnd(position)).toLowerCase();
  }

  /** The end of the word that begins here, or the position itself when there is none. */
  wordEnd(position: number): number {
    const text = this.#text;
    if (!isWordStart(text.charCodeAt(position))) return position;
    let end = position + 1;
    while (isWordPart(text.charCodeAt(end))) end++;
    return end;
  }

  /** The end of the white space that begins here. */
  blanksEnd(position: number): number {
    let end = position;
    while (isBlank(this.#text.charCodeAt(end))) end++;
    return end;
  }

  mayBeginComment(position: number): boolean {
    const code = this.#text.charCodeAt(position);
    return code === 0x2d || code === 0x2f;
  }

  /** The end of the operator symbol that begins here, or the position itself when there is none. */
  operatorEnd(position: number): number {
    const text = this.#text;
    let end = position;
    while (isOperatorCharacter(text.charCodeAt(end))) {
      const pair = text.slice(end, end + 2);
      if (pair === '--' || pair === '/*') break;
      end++;
    }
    const symbol = text.slice(position, end);
    if (symbol === '=>') return position;
    if (symbol.length > 1 && !/[~!@#%^&|?]/.test(symbol)) {
      while (end - position > 1 && /[+-]/.test(text[end - 1]!)) end--;
    }
    return end;
  }

  startsOperatorSymbol(position: number): boolean {
    return isOperatorCharacter(this.#text.charCodeAt(position));
  }

  /** The end of the dollar-quoted string that begins here, or -1. */
  dollarQuoteEnd(position: number): number {
    const delimiter = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
    delimiter.lastIndex = position;
    const [tag] = delimiter.exec(this.#text) ?? [];
    if (tag === undefined) return -1;
    const end = this.#text.indexOf(tag, position + tag.length);
    return end < 0 ? -1 : end + tag.length;
  }

  startsParenthesis(position: number): boolean {
    return this.#text.charCodeAt(position) === LEFT_PARENTHESIS;
  }

  /** A query begins here with a word of its own. VALUES and TABLE may be names, so they need what makes them a query. */
  startsQuery(position: number): boolean {
    const word = this.wordAt(position);
    switch (word) {
      case 'select':
      case 'with':
        return true;
      case 'values':
        return this.#text.charCodeAt(this.#skipGap(position + word.length)) === LEFT_PARENTHESIS;
      case 'table':
        return this.#text.charCodeAt(this.#skipGap(position + word.length)) !== LEFT_PARENTHESIS;
      default:
        return false;
    }
  }

  /** Parentheses begin here, and the first thing inside the innermost of them is a query. */
  startsNestedQuery(position: number): boolean {
    if (!this.startsParenthesis(position)) return false;
    if (position < this.#queryPosition && position >= this.#queryRunStart) return this.#queryFound;
    let at = position;
    while (this.startsParenthesis(at)) at = this.#skipGap(at + 1);
    this.#queryRunStart = position;
    this.#queryPosition = at;
    this.#queryFound = this.startsQuery(at);
    return this.#queryFound;
  }

  #queryRunStart = -1;

  #skipGap(position: number): number {
    const gap = /(?:\s+|--[^\n\r]*|\/\*(?:[^*]|\*(?!\/))*\*\/)*/y;
    gap.lastIndex = position;
    gap.exec(this.#text);
    return gap.lastIndex;
  }

  /** The start of an operand, its parentheses included. */
  startOf(expression: Expression): number {
    return (this.outerSpans.get(expression) ?? expression.span).start;
  }
}

const LEFT_PARENTHESIS = 0x28;

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

function isWordStart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || code >= 0x80;
}

function isWordPart(code: number): boolean {
  return isWordStart(code) || (code >= 0x30 && code <= 0x39) || code === 0x24;
}

const operatorCharacters = new Set([...'+-*/<>=~!@#%^&|?'].map((character) => character.charCodeAt(0)));

function isOperatorCharacter(code: number): boolean {
  return operatorCharacters.has(code);
}

export function qualifiedName(parts: readonly Identifier[]): QualifiedName {
  const first = parts[0]!;
  return { kind: 'qualified-name', parts, span: { start: first.span.start, end: parts.at(-1)!.span.end } };
}

/** The first word of a piece of text in lower case. */
export function firstWord(text: string): string {
  return (/^\w+/.exec(text)?.[0] ?? '').toLowerCase();
}
