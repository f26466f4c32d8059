/** A node of an expression as the translator writes it: the part of JavaScript's syntax PostgreSQL's expressions become. */
export type ExpressionNode =
  | { readonly kind: 'character'; readonly source: string }
  | { readonly kind: 'sequence' | 'alternatives'; readonly parts: readonly ExpressionNode[] }
  | { readonly kind: 'group'; readonly index: number; readonly body: ExpressionNode }
  | { readonly kind: 'repeat'; readonly body: ExpressionNode; readonly least: number; readonly most: number; readonly greedy: boolean }
  | { readonly kind: 'edge'; readonly end: boolean }
  | { readonly kind: 'look'; readonly behind: boolean; readonly negated: boolean; readonly body: ExpressionNode }
  | { readonly kind: 'reference' };

/** One character, as a class or an escape or itself. */
const CHARACTER = /\[(?:\\.|[^\]\\])*\]|\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|x[0-9a-fA-F]{2}|[^0-9])|[^\\]/suy;
const QUANTIFIER = /(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})(\??)/y;
const GROUP = /\((\?(?::|=|!|<=|<!))?/y;
const REFERENCE = /\\[1-9]\d*/y;

/** Reads an expression that RegExp has taken. */
export function parseExpressionSource(source: string): { readonly root: ExpressionNode; readonly groupCount: number } {
  const reader = new Reader(source);
  return { root: reader.alternatives(), groupCount: reader.groupCount };
}

class Reader {
  readonly #source: string;
  #at = 0;
  groupCount = 0;

  constructor(source: string) {
    this.#source = source;
  }

  alternatives(): ExpressionNode {
    const parts = [this.#sequence()];
    while (this.#source[this.#at] === '|') {
      this.#at++;
      parts.push(this.#sequence());
    }
    return parts.length === 1 ? parts[0]! : { kind: 'alternatives', parts };
  }

  #sequence(): ExpressionNode {
    const parts: ExpressionNode[] = [];
    while (this.#at < this.#source.length && this.#source[this.#at] !== '|' && this.#source[this.#at] !== ')') parts.push(this.#quantified());
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts };
  }

  #quantified(): ExpressionNode {
    const body = this.#atom();
    const match = this.#take(QUANTIFIER);
    if (match === null) return body;
    const [text, low, comma, high, lazy] = match;
    const greedy = lazy === '';
    if (text.startsWith('*')) return { kind: 'repeat', body, least: 0, most: Number.POSITIVE_INFINITY, greedy };
    if (text.startsWith('+')) return { kind: 'repeat', body, least: 1, most: Number.POSITIVE_INFINITY, greedy };
    if (text.startsWith('?')) return { kind: 'repeat', body, least: 0, most: 1, greedy };
    const least = Number(low);
    const most = comma === undefined ? least : high ? Number(high) : Number.POSITIVE_INFINITY;
    return { kind: 'repeat', body, least, most, greedy };
  }

  #atom(): ExpressionNode {
    const first = this.#source[this.#at];
    if (first === '^' || first === '$') {
      this.#at++;
      return { kind: 'edge', end: first === '$' };
    }
    const opened = this.#take(GROUP);
    if (opened !== null) return this.#group(opened[1] ?? null);
    if (this.#take(REFERENCE) !== null) return { kind: 'reference' };
    return { kind: 'character', source: this.#take(CHARACTER)![0] };
  }

  #group(head: string | null): ExpressionNode {
    const index = head === null ? ++this.groupCount : 0;
    const body = this.alternatives();
    this.#at++;
    if (head === null) return { kind: 'group', index, body };
    return head === '?:' ? body : { kind: 'look', behind: head.startsWith('?<'), negated: head.endsWith('!'), body };
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source);
    if (match !== null) this.#at += match[0].length;
    return match;
  }
}
