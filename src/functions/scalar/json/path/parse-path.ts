import { SqlError, SqlState } from '../../../../base/index.ts';
import { parseJson } from '../../../../types/index.ts';
import type { ComparisonSymbol } from '../../comparison-symbol.ts';
import { compileExpression } from '../../pattern/index.ts';
import {
  isPathPredicate,
  type JsonPath,
  PATH_METHODS,
  type PathMethod,
  type PathNode,
  type PathPredicate,
  type PathStep,
  type SubscriptRange,
} from './json-path.ts';
import { type PathToken, pathSyntaxError, pathTokens } from './path-tokens.ts';

const CACHED_PATHS_MAX = 256;
const PATH_LENGTH_MAX = 65_536;
const DEPTH_MAX = 200;
const cache = new Map<string, JsonPath>();

/** Reads a path once, however many rows it is applied to. Errors: 42601, 0A000 for methods that are not there, 2201B of like_regex. */
export function parsePath(text: string): JsonPath {
  const known = cache.get(text);
  if (known !== undefined) return known;
  if (text.trim() === '')
    throw new SqlError({ code: SqlState.invalidTextRepresentation, message: `invalid input syntax for type jsonpath: "${text}"` });
  if (text.length > PATH_LENGTH_MAX) throw new SqlError({ code: SqlState.programLimitExceeded, message: 'a path is too long' });
  const path = new PathParser(pathTokens(text)).path();
  if (cache.size >= CACHED_PATHS_MAX) cache.clear();
  cache.set(text, path);
  return path;
}

const COMPARISONS: ReadonlyMap<string, ComparisonSymbol> = new Map([
  ['==', '='],
  ['!=', '<>'],
  ['<>', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);

class PathParser {
  readonly #tokens: readonly PathToken[];
  #at = 0;
  #depth = 0;
  #filters = 0;

  constructor(tokens: readonly PathToken[]) {
    this.#tokens = tokens;
  }

  path(): JsonPath {
    const mode = this.#takeWord('lax') ? 'lax' : this.#takeWord('strict') ? 'strict' : 'lax';
    const root = this.#either();
    if (this.#next().type !== 'end') throw this.#unexpected();
    return { lax: mode === 'lax', root };
  }

  #either(): PathNode {
    if (++this.#depth > DEPTH_MAX) throw new SqlError({ code: SqlState.statementTooComplex, message: 'stack depth limit exceeded' });
    let left = this.#both();
    while (this.#takeSymbol('||')) left = { kind: 'or', left: this.#predicate(left), right: this.#predicate(this.#both()) };
    this.#depth--;
    return left;
  }

  #both(): PathNode {
    let left = this.#negation();
    while (this.#takeSymbol('&&')) left = { kind: 'and', left: this.#predicate(left), right: this.#predicate(this.#negation()) };
    return left;
  }

  #negation(): PathNode {
    if (!this.#takeSymbol('!')) return this.#test();
    if (!this.#isSymbol('(') && !this.#isWord('exists')) throw this.#unexpected();
    return { kind: 'not', operand: this.#predicate(this.#accessor()) };
  }

  #test(): PathNode {
    const left = this.#sum();
    const comparison = this.#next().type === 'symbol' ? COMPARISONS.get(this.#next().text) : undefined;
    if (comparison !== undefined) {
      this.#at++;
      return { kind: 'comparison', operator: comparison, left, right: this.#sum() };
    }
    if (this.#isWord('starts')) return this.#startsWith(left);
    if (this.#isWord('like_regex')) return this.#likeRegex(left);
    return left;
  }

  #startsWith(operand: PathNode): PathNode {
    this.#at++;
    if (!this.#takeWord('with')) throw this.#unexpected();
    const token = this.#take();
    if (token.type === 'string') return { kind: 'starts-with', operand, prefix: { kind: 'literal', value: token.text } };
    if (token.type === 'variable') return { kind: 'starts-with', operand, prefix: { kind: 'variable', name: token.text } };
    throw this.#unexpected(token);
  }

  #likeRegex(operand: PathNode): PathNode {
    this.#at++;
    const pattern = this.#string();
    const flags = this.#takeWord('flag') ? this.#string() : '';
    return { kind: 'like-regex', operand, pattern: compileExpression(pattern, regexFlags(flags)) };
  }

  #sum(): PathNode {
    let left = this.#product();
    for (;;) {
      const operator = this.#takeSymbol('+') ? '+' : this.#takeSymbol('-') ? '-' : null;
      if (operator === null) return left;
      left = { kind: 'arithmetic', operator, left, right: this.#product() };
    }
  }

  #product(): PathNode {
    let left = this.#sign();
    for (;;) {
      const operator = this.#takeSymbol('*') ? '*' : this.#takeSymbol('/') ? '/' : this.#takeSymbol('%') ? '%' : null;
      if (operator === null) return left;
      left = { kind: 'arithmetic', operator, left, right: this.#sign() };
    }
  }

  #sign(): PathNode {
    const operator = this.#takeSymbol('-') ? '-' : this.#takeSymbol('+') ? '+' : null;
    return operator === null ? this.#accessor() : { kind: 'sign', operator, operand: this.#sign() };
  }

  #accessor(): PathNode {
    const base = this.#primary();
    const steps: PathStep[] = [];
    for (let step = this.#step(); step !== null; step = this.#step()) steps.push(step);
    if (steps.length > 0) return { kind: 'steps', base, steps };
    if (!isPathPredicate(base) || !this.#isWord('is')) return base;
    this.#at++;
    if (!this.#takeWord('unknown')) throw this.#unexpected();
    return { kind: 'is-unknown', operand: base };
  }

  #primary(): PathNode {
    const token = this.#take();
    switch (token.type) {
      case 'string':
        return { kind: 'literal', value: token.text };
      case 'number':
        return { kind: 'literal', value: parseJson(numberText(token.text)) };
      case 'variable':
        return { kind: 'variable', name: token.text };
      case 'word':
        return this.#word(token);
      case 'symbol':
        if (token.text === '$') return { kind: 'root' };
        if (token.text === '@') return this.#current();
        if (token.text === '(') return this.#closed();
    }
    throw this.#unexpected(token);
  }

  #current(): PathNode {
    if (this.#filters > 0) return { kind: 'current' };
    throw pathSyntaxError('@ is not allowed in root expressions', 'The document itself is $.');
  }

  #word(token: PathToken): PathNode {
    switch (token.text.toLowerCase()) {
      case 'true':
        return { kind: 'literal', value: true };
      case 'false':
        return { kind: 'literal', value: false };
      case 'null':
        return { kind: 'literal', value: null };
      case 'last':
        return { kind: 'last' };
      case 'exists':
        this.#expect('(');
        return { kind: 'exists', operand: this.#closed() };
      default:
        throw this.#unexpected(this.#tokens[this.#at]);
    }
  }

  #closed(): PathNode {
    const inside = this.#either();
    this.#expect(')');
    return inside;
  }

  #step(): PathStep | null {
    if (this.#takeSymbol('.')) return this.#dotted();
    if (this.#takeSymbol('[')) return this.#bracketed();
    if (!this.#takeSymbol('?')) return null;
    this.#expect('(');
    this.#filters++;
    const predicate = this.#predicate(this.#either());
    this.#filters--;
    this.#expect(')');
    return { kind: 'filter', predicate };
  }

  #dotted(): PathStep {
    if (this.#takeSymbol('**')) return this.#descendants();
    if (this.#takeSymbol('*')) return { kind: 'any-member' };
    // Flink's `$.['a b']`.
    if (this.#isSymbol('[') && this.#tokens[this.#at + 1]?.type === 'string') return this.#step()!;
    const token = this.#take();
    if (token.type !== 'word' && token.type !== 'string') throw this.#unexpected(token);
    if (token.type === 'string' || !this.#isSymbol('(')) return { kind: 'member', name: token.text };
    const name = token.text as PathMethod;
    if (!PATH_METHODS.includes(name)) throw unknownMethod(token.text);
    this.#expect('(');
    this.#expect(')');
    return { kind: 'method', name };
  }

  #descendants(): PathStep {
    if (!this.#takeSymbol('{')) return { kind: 'descendants', from: 0, to: 'last' };
    const from = this.#level();
    const to = this.#takeWord('to') ? this.#level() : from;
    this.#expect('}');
    return { kind: 'descendants', from, to };
  }

  #level(): number | 'last' {
    if (this.#takeWord('last')) return 'last';
    const token = this.#take();
    if (token.type !== 'number' || !/^\d+$/.test(token.text)) throw this.#unexpected(token);
    return Number(token.text);
  }

  #bracketed(): PathStep {
    if (this.#takeSymbol('*')) {
      this.#expect(']');
      return { kind: 'any-element' };
    }
    // PostgreSQL has no single quotes in paths; in double quotes this is a subscript that is no number.
    if (this.#next().source.startsWith("'") && this.#tokens[this.#at + 1]?.text === ']') {
      const name = this.#take().text;
      this.#expect(']');
      return { kind: 'member', name };
    }
    const ranges: SubscriptRange[] = [];
    do {
      const from = this.#sum();
      ranges.push({ from, to: this.#takeWord('to') ? this.#sum() : null });
    } while (this.#takeSymbol(','));
    this.#expect(']');
    return { kind: 'elements', ranges };
  }

  #predicate(node: PathNode): PathPredicate {
    if (isPathPredicate(node)) return node;
    throw this.#unexpected();
  }

  #string(): string {
    const token = this.#take();
    if (token.type !== 'string') throw this.#unexpected(token);
    return token.text;
  }

  #next(): PathToken {
    return this.#tokens[this.#at]!;
  }

  #take(): PathToken {
    const token = this.#next();
    if (token.type !== 'end') this.#at++;
    return token;
  }

  #isSymbol(text: string): boolean {
    return this.#next().type === 'symbol' && this.#next().text === text;
  }

  #isWord(text: string): boolean {
    return this.#next().type === 'word' && this.#next().text.toLowerCase() === text;
  }

  #takeSymbol(text: string): boolean {
    if (!this.#isSymbol(text)) return false;
    this.#at++;
    return true;
  }

  #takeWord(text: string): boolean {
    if (!this.#isWord(text)) return false;
    this.#at++;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#takeSymbol(symbol)) throw this.#unexpected();
  }

  #unexpected(token: PathToken = this.#next()): SqlError {
    return pathSyntaxError(
      token.type === 'end' ? 'syntax error at end of jsonpath input' : `syntax error at or near "${token.source}" of jsonpath input`,
      'A path begins with $: $.name, $[0], $.items[*].price, $ ? (@.a > 1).',
    );
  }
}

/** JSON has no leading point and no number of another base. */
function numberText(text: string): string {
  if (/^0[xob]/i.test(text)) return String(BigInt(text.toLowerCase()));
  return text.replace(/^\./, '0.').replace(/\.(?=$|[eE])/, '');
}

/** Flags of XQuery in those of regular expressions here: without `s` a dot stops at the end of a line. */
function regexFlags(flags: string): string {
  const unknown = /[^ismxq]/.exec(flags);
  if (unknown !== null || flags.includes('x')) {
    throw new SqlError({
      code: flags.includes('x') ? SqlState.featureNotSupported : SqlState.syntaxError,
      message: flags.includes('x')
        ? 'XQuery "x" flag (expanded regular expressions) is not implemented'
        : `invalid input syntax for type jsonpath: unrecognized flag character "${unknown![0]}" in LIKE_REGEX predicate`,
    });
  }
  if (flags.includes('q')) return flags.includes('i') ? 'qi' : 'q';
  const lines = flags.includes('s') ? (flags.includes('m') ? 'w' : 's') : flags.includes('m') ? 'n' : 'p';
  return flags.includes('i') ? `${lines}i` : lines;
}

function unknownMethod(name: string): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: `jsonpath item method .${name}() is not supported`,
    hint: `Those that are: ${PATH_METHODS.map((method) => `${method}()`).join(', ')}. Cast what the path finds in SQL: JSON_VALUE(… RETURNING timestamp).`,
  });
}
