import { SqlError, SqlState } from '../../base/index.ts';

const simpleEscapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** A run of escaped bytes, or one other escape. */
const ESCAPES = /''|((?:\\(?:[0-7]{1,3}|x[0-9A-Fa-f]{1,2}))+)|\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([\s\S]))/g;

/**
 * The meaning of the inside of E'…' (PostgreSQL manual 4.1.2.2). Octal and hexadecimal escapes are bytes of UTF-8. `position` is where the inside
 * begins, for the error. Errors: 22021 for bytes that are no text, 42601 for half a surrogate pair.
 */
export function decodeBackslashEscapes(text: string, position: number): string {
  if (!text.includes('\\')) return text.replaceAll("''", "'");
  const decoded = text.replace(ESCAPES, (whole, ...groups) => {
    if (whole === "''") return "'";
    const [bytes, short, long, character, offset] = groups as [string?, string?, string?, string?, number?];
    const place = position + (offset ?? 0);
    if (bytes !== undefined) return decodeBytes(bytes, place);
    if (short !== undefined) return codePoint(short, place);
    if (long !== undefined) return codePoint(long, place);
    const plain = character ?? '';
    if (plain === 'u' || plain === 'U') throw invalidEscape(place, 'Unicode escapes must be \\uXXXX or \\UXXXXXXXX.');
    return simpleEscapes[plain] ?? plain;
  });
  return wellFormed(decoded, position);
}

function decodeBytes(escapes: string, position: number): string {
  const bytes = [...escapes.matchAll(/\\(?:x([0-9A-Fa-f]+)|([0-7]+))/g)].map(([, hexadecimal, octal]) => {
    return hexadecimal === undefined ? Number.parseInt(octal!, 8) & 0xff : Number.parseInt(hexadecimal, 16);
  });
  try {
    if (!bytes.includes(0)) return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(new Uint8Array(bytes));
  } catch {
    // The error below says it in PostgreSQL's words.
  }
  const shown = bytes.includes(0) ? [0] : bytes.slice(0, 4);
  throw new SqlError({
    code: SqlState.characterNotInRepertoire,
    message: `invalid byte sequence for encoding "UTF8": ${shown.map((byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ')}`,
    position,
  });
}

/** Escapes may write the halves of a pair one after the other, but not one alone. */
function wellFormed(text: string, position: number): string {
  if (/\p{Surrogate}/u.test(text)) throw new SqlError({ code: SqlState.syntaxError, message: 'invalid Unicode surrogate pair', position });
  return text;
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
  return wellFormed(result, position);
}

function codePoint(digits: string, position: number): string {
  const code = Number.parseInt(digits, 16);
  if (code === 0 || code > 0x10ffff) throw new SqlError({ code: SqlState.syntaxError, message: 'invalid Unicode escape value', position });
  return String.fromCodePoint(code);
}

function invalidEscape(position: number, hint: string): SqlError {
  return new SqlError({ code: SqlState.invalidEscapeSequence, message: 'invalid Unicode escape', hint, position });
}
