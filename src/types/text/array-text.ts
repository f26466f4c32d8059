import { SqlError, SqlState } from '../../base/index.ts';
import type { ArrayDatum, Datum, RowDatum } from '../datum.ts';

const NESTING_MAX = 6;

/** True for an element that is itself an array: `int[]` values may nest, as PostgreSQL's arrays have any number of dimensions. */
export function isNestedArray(value: Datum | null): value is ArrayDatum {
  return typeof value === 'object' && value !== null && 'elements' in value;
}

/** The elements of all dimensions, in order. */
export function arrayLeaves({ elements }: ArrayDatum): readonly (Datum | null)[] {
  return isNestedArray(elements[0] ?? null) ? elements.flatMap((part) => arrayLeaves(part as ArrayDatum)) : elements;
}

/** `{1,2,NULL,"a b",{…}}`; `parseElement` reads one unquoted element. */
export function parseArrayText(text: string, parseElement: (text: string) => Datum): ArrayDatum {
  const parser = new ArrayParser(text, parseElement);
  return parser.parse();
}

export function formatArrayText(value: ArrayDatum, formatElement: (value: Datum) => string): string {
  const parts = value.elements.map((element) => {
    if (element === null) return 'NULL';
    return isNestedArray(element) ? formatArrayText(element, formatElement) : quoteArrayElement(formatElement(element));
  });
  return `{${parts.join(',')}}`;
}

/** `(1,"a b",)`: an empty field is NULL. */
export function parseRowText(text: string, parseFields: readonly ((text: string) => Datum)[]): RowDatum {
  const texts = splitRow(text);
  if (texts.length !== parseFields.length && !(texts.length === 1 && texts[0] === null && parseFields.length === 0)) {
    throw malformedRow(text, texts.length < parseFields.length ? 'Too few columns.' : 'Too many columns.');
  }
  return { fields: parseFields.map((parse, index) => (texts[index] === null ? null : parse(texts[index]!))) };
}

export function formatRowText(fields: readonly (string | null)[]): string {
  return `(${fields.map((field) => (field === null ? '' : quoteRowField(field))).join(',')})`;
}

class ArrayParser {
  readonly #text: string;
  readonly #parseElement: (text: string) => Datum;
  #at = 0;

  constructor(text: string, parseElement: (text: string) => Datum) {
    this.#text = text;
    this.#parseElement = parseElement;
  }

  parse(): ArrayDatum {
    this.#blanks();
    const bounds = /^(?:\[[+-]?\d+(?::[+-]?\d+)?\])+\s*=\s*/.exec(this.#text.slice(this.#at));
    if (bounds !== null) {
      if (!/^(?:\[(?:\+?1:)?\d+\])+/.test(bounds[0])) {
        throw new SqlError({ code: SqlState.featureNotSupported, message: 'arrays whose subscripts do not start at 1 are not supported' });
      }
      this.#at += bounds[0].length;
    }
    if (this.#text[this.#at] !== '{') throw this.#malformed('Array value must start with "{" or dimension information.');
    const value = this.#array(1);
    this.#blanks();
    if (this.#at < this.#text.length) throw this.#malformed('Junk after closing right brace.');
    return value;
  }

  #array(depth: number): ArrayDatum {
    if (depth > NESTING_MAX) {
      throw new SqlError({ code: SqlState.programLimitExceeded, message: `number of array dimensions exceeds the maximum allowed (${NESTING_MAX})` });
    }
    this.#at++;
    const elements: (Datum | null)[] = [];
    this.#blanks();
    if (this.#text[this.#at] === '}') {
      this.#at++;
      return { elements };
    }
    for (;;) {
      this.#blanks();
      elements.push(this.#text[this.#at] === '{' ? this.#array(depth + 1) : this.#element());
      this.#blanks();
      const next = this.#text[this.#at++];
      if (next === '}') break;
      if (next === undefined) throw this.#malformed('Unexpected end of input.');
      if (next !== ',') throw this.#malformed('Unexpected array element.');
    }
    this.#checkShape(elements);
    return { elements };
  }

  #checkShape(elements: readonly (Datum | null)[]): void {
    const lengths = new Set(elements.map((element) => (isNestedArray(element) ? element.elements.length : -1)));
    if (lengths.size > 1) throw this.#malformed('Multidimensional arrays must have sub-arrays with matching dimensions.');
  }

  #element(): Datum | null {
    if (this.#text[this.#at] === '"') {
      const quoted = this.#quoted();
      return this.#parseElement(quoted);
    }
    let raw = '';
    let escaped = false;
    let significant = 0;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) throw this.#malformed('Unexpected end of input.');
      if (character === ',' || character === '}') break;
      if (character === '{') throw this.#malformed('Unexpected "{" character.');
      if (character === '"') throw this.#malformed('Incorrectly quoted array element.');
      if (character === '\\') {
        escaped = true;
        this.#at++;
        if (this.#at >= this.#text.length) throw this.#malformed('Unexpected end of input.');
      }
      raw += this.#text[this.#at++];
      if (character === '\\' || !/\s/.test(character)) significant = raw.length;
    }
    raw = raw.slice(0, significant);
    if (raw === '') throw this.#malformed(`Unexpected "${this.#text[this.#at]}" character.`);
    return !escaped && raw.toUpperCase() === 'NULL' ? null : this.#parseElement(raw);
  }

  #quoted(): string {
    let value = '';
    this.#at++;
    for (;;) {
      const character = this.#text[this.#at++];
      if (character === undefined) throw this.#malformed('Unexpected end of input.');
      if (character === '"') return value;
      value += character === '\\' ? (this.#text[this.#at++] ?? '') : character;
    }
  }

  #blanks(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #malformed(detail: string): SqlError {
    return new SqlError({ code: SqlState.invalidTextRepresentation, message: `malformed array literal: "${this.#text}"`, detail });
  }
}

function quoteArrayElement(text: string): string {
  if (text !== '' && !/[{},"\\\s]/.test(text) && text.toUpperCase() !== 'NULL') return text;
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function quoteRowField(text: string): string {
  if (text !== '' && !/[(),"\\\s]/.test(text)) return text;
  return `"${text.replace(/["\\]/g, '$&$&')}"`;
}

function splitRow(text: string): (string | null)[] {
  let at = text.length - text.trimStart().length;
  if (text[at++] !== '(') throw malformedRow(text, 'Missing left parenthesis.');
  const fields: (string | null)[] = [];
  for (;;) {
    let field = '';
    let present = false;
    let quoted = false;
    for (;;) {
      const character = text[at];
      if (character === undefined) throw malformedRow(text, 'Unexpected end of input.');
      if (!quoted && (character === ',' || character === ')')) break;
      at++;
      present = true;
      if (character === '\\') field += text[at++] ?? '';
      else if (character !== '"') field += character;
      else if (quoted && text[at] === '"') field += text[at++];
      else quoted = !quoted;
    }
    fields.push(present ? field : null);
    if (text[at++] === ')') break;
  }
  if (text.slice(at).trim() !== '') throw malformedRow(text, 'Junk after right parenthesis.');
  return fields;
}

function malformedRow(text: string, detail: string): SqlError {
  return new SqlError({ code: SqlState.invalidTextRepresentation, message: `malformed record literal: "${text}"`, detail });
}
