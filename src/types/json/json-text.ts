import { SqlError, SqlState } from '../../base/index.ts';
import { formatDecimal, parseDecimal } from '../numeric/decimal-text.ts';
import { isJsonArray, isJsonObject, JsonNumber, type JsonValue, jsonObject } from './json-value.ts';

/** Nesting a document may have before it would exhaust the stack. */
const DEPTH_MAX = 1000;
const NUMBER_PATTERN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD_PATTERN = /[A-Za-z0-9_$+\-.\u0080-\uffff]+/y;
const PLAIN_STRING_PATTERN = /[ !#-[\]-\uffff]*/y;

/** Reads a JSON text (RFC 8259); numbers keep every digit, objects get jsonb's key order. 22P02 with PostgreSQL's details. */
export function parseJson(text: string): JsonValue {
  const parser = new JsonParser(text);
  return parser.document();
}

/** jsonb's output form: a blank after colons and commas. */
export function formatJson(value: JsonValue): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'string') return quoteJson(value);
  if (value instanceof JsonNumber) return value.text;
  if (isJsonArray(value)) return `[${value.map(formatJson).join(', ')}]`;
  const members: string[] = [];
  if (isJsonObject(value)) for (const [key, member] of value) members.push(`${quoteJson(key)}: ${formatJson(member)}`);
  return `{${members.join(', ')}}`;
}

/** The normalised text of a JSON text: what a jsonb datum is. */
export function normaliseJson(text: string): string {
  return formatJson(parseJson(text));
}

function quoteJson(text: string): string {
  // JSON.stringify escapes exactly what jsonb does, and lone surrogates, which no checked text has.
  return JSON.stringify(text);
}

class JsonParser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonValue {
    const value = this.#value();
    this.#blanks();
    if (this.#at < this.#text.length) throw this.#unexpected('end of input');
    return value;
  }

  #value(): JsonValue {
    this.#blanks();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#nested(() => this.#object());
      case '[':
        return this.#nested(() => this.#array());
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > DEPTH_MAX) {
      throw new SqlError({
        code: SqlState.statementTooComplex,
        message: 'stack depth limit exceeded',
        detail: `JSON nests deeper than ${DEPTH_MAX} levels.`,
      });
    }
    this.#at++;
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): JsonValue {
    const members: [string, JsonValue][] = [];
    this.#blanks();
    if (this.#take('}')) return jsonObject(members);
    for (;;) {
      this.#blanks();
      if (this.#text[this.#at] !== '"') throw this.#unexpected(members.length === 0 ? 'string or "}"' : 'string');
      const key = this.#string();
      this.#blanks();
      if (!this.#take(':')) throw this.#unexpected('":"');
      members.push([key, this.#value()]);
      this.#blanks();
      if (this.#take('}')) return jsonObject(members);
      if (!this.#take(',')) throw this.#unexpected('"," or "}"');
    }
  }

  #array(): JsonValue {
    const elements: JsonValue[] = [];
    this.#blanks();
    if (this.#take(']')) return elements;
    for (;;) {
      elements.push(this.#value());
      this.#blanks();
      if (this.#take(']')) return elements;
      if (!this.#take(',')) throw this.#unexpected('"," or "]"');
    }
  }

  #string(): string {
    this.#at++;
    let result = '';
    for (;;) {
      PLAIN_STRING_PATTERN.lastIndex = this.#at;
      const plain = PLAIN_STRING_PATTERN.exec(this.#text)![0];
      result += plain;
      this.#at += plain.length;
      const next = this.#text[this.#at];
      if (next === '"') {
        this.#at++;
        return result;
      }
      if (next === undefined) throw this.#invalid(`Token "${this.#text.slice(this.#text.lastIndexOf('"'))}" is invalid.`);
      if (next !== '\\') throw this.#invalid(`Character with value 0x${next.charCodeAt(0).toString(16).padStart(2, '0')} must be escaped.`);
      result += this.#escape();
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1];
    this.#at += 2;
    const simple = letter === undefined ? undefined : SIMPLE_ESCAPES[letter];
    if (simple !== undefined) return simple;
    if (letter !== 'u') throw this.#invalid(`Escape sequence "\\${letter ?? ''}" is invalid.`);
    const unit = this.#hex();
    if (unit === 0) {
      throw new SqlError({
        code: SqlState.untranslatableCharacter,
        message: 'unsupported Unicode escape sequence',
        detail: '\\u0000 cannot be converted to text.',
      });
    }
    if (unit >= 0xdc00 && unit <= 0xdfff) throw this.#invalid('Unicode low surrogate must follow a high surrogate.');
    if (unit < 0xd800 || unit > 0xdbff) return String.fromCharCode(unit);
    const low = this.#lowSurrogate();
    if (low < 0xdc00 || low > 0xdfff) throw this.#invalid('Unicode low surrogate must follow a high surrogate.');
    return String.fromCharCode(unit, low);
  }

  #lowSurrogate(): number {
    if (!this.#text.startsWith('\\u', this.#at)) return 0;
    this.#at += 2;
    return this.#hex();
  }

  #hex(): number {
    const digits = this.#text.slice(this.#at, this.#at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.#invalid('"\\u" must be followed by four hexadecimal digits.');
    this.#at += 4;
    return Number.parseInt(digits, 16);
  }

  #number(): JsonValue {
    NUMBER_PATTERN.lastIndex = this.#at;
    const match = NUMBER_PATTERN.exec(this.#text);
    WORD_PATTERN.lastIndex = this.#at;
    const word = WORD_PATTERN.exec(this.#text)?.[0];
    if (word === undefined) throw this.#unexpected('JSON value');
    if (word !== match?.[0]) throw this.#invalid(`Token "${word}" is invalid.`);
    this.#at += word.length;
    return new JsonNumber(/^-?\d+$/.test(word) && word !== '-0' ? word : formatDecimal(parseDecimal(word)));
  }

  #word<T>(expected: string, value: T): T {
    WORD_PATTERN.lastIndex = this.#at;
    const word = WORD_PATTERN.exec(this.#text)![0];
    if (word !== expected) throw this.#invalid(`Token "${word}" is invalid.`);
    this.#at += word.length;
    return value;
  }

  #blanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #unexpected(expected: string): SqlError {
    if (this.#at >= this.#text.length) return this.#invalid('The input string ended unexpectedly.');
    WORD_PATTERN.lastIndex = this.#at;
    const word = WORD_PATTERN.exec(this.#text)?.[0] ?? String.fromCodePoint(this.#text.codePointAt(this.#at)!);
    if (/^[A-Za-z]/.test(word) && !/^(?:true|false|null)$/.test(word)) return this.#invalid(`Token "${word}" is invalid.`);
    return this.#invalid(expected === 'end of input' ? `Expected end of input, but found "${word}".` : `Expected ${expected}, but found "${word}".`);
  }

  #invalid(detail: string): SqlError {
    return new SqlError({ code: SqlState.invalidTextRepresentation, message: 'invalid input syntax for type json', detail });
  }
}

const SIMPLE_ESCAPES: Record<string, string | undefined> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
