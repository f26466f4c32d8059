import { SqlError, SqlState } from '../../base/index.ts';

const simpleEscapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** The meaning of the inside of E'…' (PostgreSQL manual 4.1.2.2). `position` is where the inside begins, for the error. */
export function decodeBackslashEscapes(text: string, position: number): string {
  return text.replace(/''|\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([\s\S]))/g, (whole, ...groups) => {
    if (whole === "''") return "'";
    const [octal, hexadecimal, short, long, character, offset] = groups as [string?, string?, string?, string?, string?, number?];
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    if (hexadecimal !== undefined) return String.fromCharCode(Number.parseInt(hexadecimal, 16));
    if (short !== undefined) return codePoint(short, position + (offset ?? 0));
    if (long !== undefined) return codePoint(long, position + (offset ?? 0));
    const plain = character ?? '';
    if (plain === 'u' || plain === 'U' || plain === 'x')
      throw invalidEscape(position + (offset ?? 0), 'Unicode escapes must be \\uXXXX or \\UXXXXXXXX.');
    return simpleEscapes[plain] ?? plain;
  });
}

/** The meaning of the inside of U&'…' and U&"…": `\XXXX` and `\+XXXXXX`, with another escape character if UESCAPE gave one. */
export function decodeUnicodeEscapes(text: string, options: { readonly escape: string; readonly position: number }): string {
  const { escape: escapeCharacter, position } = options;
  let result = '';
  let at = 0;
  while (at < text.length) {
    if (text[at] !== escapeCharacter) {
      result += text[at++];
      continue;
    }
    if (text[at + 1] === escapeCharacter) {
      result += escapeCharacter;
      at += 2;
      continue;
    }
    const [, long, short] = /^(?:\+([0-9A-Fa-f]{6})|([0-9A-Fa-f]{4}))/.exec(text.slice(at + 1, at + 8)) ?? [];
    const digits = long ?? short;
    if (digits === undefined) throw invalidEscape(position, 'Unicode escapes must be \\XXXX or \\+XXXXXX.');
    result += codePoint(digits, position);
    at += 1 + (long === undefined ? 4 : 7);
  }
  return result;
}

function codePoint(digits: string, position: number): string {
  const code = Number.parseInt(digits, 16);
  if (code === 0 || code > 0x10ffff) throw new SqlError({ code: SqlState.syntaxError, message: 'invalid Unicode escape value', position });
  return String.fromCodePoint(code);
}

function invalidEscape(position: number, hint: string): SqlError {
  return new SqlError({ code: SqlState.invalidEscapeSequence, message: 'invalid Unicode escape', hint, position });
}
