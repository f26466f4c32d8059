import { SqlError, SqlState } from '../../base/index.ts';

/** Characters that end or confuse an unquoted part, so that texts with them stand in quotes. */
const SPECIAL = /[{}:,"\\\s]/;

/** `{a:1,"b c":NULL}`: as PostgreSQL writes arrays, with a colon between key and value. */
export function formatMapText(keys: readonly string[], values: readonly (string | null)[]): string {
  return `{${keys.map((key, index) => `${quotePart(key)}:${values[index] === null ? 'NULL' : quotePart(values[index]!)}`).join(',')}}`;
}

/** The texts of a map's pairs; an unquoted NULL is a missing value. Errors: 22P02. */
export function parseMapText(text: string): (readonly [key: string, value: string | null])[] {
  const parser = new MapParser(text);
  return parser.parse();
}

function quotePart(text: string): string {
  if (text !== '' && !SPECIAL.test(text) && text.toUpperCase() !== 'NULL') return text;
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

class MapParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): (readonly [string, string | null])[] {
    const pairs: (readonly [string, string | null])[] = [];
    this.#expect('{');
    if (this.#next() === '}') this.#at++;
    else {
      for (;;) {
        const key = this.#part();
        if (key === null) throw this.#malformed('Keys must not be NULL.');
        this.#expect(':');
        pairs.push([key, this.#part()]);
        if (this.#next() === '}') break;
        this.#expect(',');
      }
      this.#at++;
    }
    if (this.#next() !== undefined) throw this.#malformed('Junk after closing right brace.');
    return pairs;
  }

  /** The next character that is no blank. */
  #next(): string | undefined {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
    return this.#text[this.#at];
  }

  #expect(character: string): void {
    if (this.#next() !== character) throw this.#malformed(`Expected "${character}".`);
    this.#at++;
  }

  #part(): string | null {
    if (this.#next() === '"') return this.#quoted();
    const start = this.#at;
    while (this.#at < this.#text.length && !/[{}:,"\\]/.test(this.#text[this.#at]!)) this.#at++;
    const part = this.#text.slice(start, this.#at).trimEnd();
    if (part === '') throw this.#malformed(this.#at < this.#text.length ? `Unexpected "${this.#text[this.#at]}".` : 'Unexpected end of input.');
    return part.toUpperCase() === 'NULL' ? null : part;
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

  #malformed(detail: string): SqlError {
    return new SqlError({ code: SqlState.invalidTextRepresentation, message: `malformed map literal: "${this.#text}"`, detail });
  }
}
