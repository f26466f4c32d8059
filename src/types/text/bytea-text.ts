import { SqlError, SqlState } from '../../base/index.ts';
import { invalidTextError } from '../type-error.ts';
import { encodeUtf8 } from './utf8.ts';

/** Hex form `\x00ff` (blanks between pairs allowed) or escape form with `\\` and `\ooo`. */
export function parseBytea(text: string): Uint8Array {
  if (text.startsWith('\\x')) return parseHex(text.slice(2));
  if (!text.includes('\\')) return encodeUtf8(text);
  const bytes: number[] = [];
  for (let i = 0; i < text.length; ) {
    if (text[i] !== '\\') {
      const end = text.indexOf('\\', i);
      const plain = text.slice(i, end < 0 ? text.length : end);
      bytes.push(...encodeUtf8(plain));
      i += plain.length;
    } else if (text[i + 1] === '\\') {
      bytes.push(0x5c);
      i += 2;
    } else {
      const octal = /^[0-3][0-7]{2}/.exec(text.slice(i + 1, i + 4));
      if (octal === null) throw new SqlError({ code: SqlState.invalidTextRepresentation, message: 'invalid input syntax for type bytea' });
      bytes.push(Number.parseInt(octal[0], 8));
      i += 4;
    }
  }
  return Uint8Array.from(bytes);
}

/** Pairs of hexadecimal digits; 22023 in PostgreSQL's words where they are not. */
export function parseHex(text: string): Uint8Array {
  const digits = text.replace(/[ \n\t\r]/g, '');
  const wrong = /[^0-9a-fA-F]/u.exec(digits);
  if (wrong !== null) throw new SqlError({ code: SqlState.invalidParameterValue, message: `invalid hexadecimal digit: "${wrong[0]}"` });
  if (digits.length % 2 === 1) {
    throw new SqlError({ code: SqlState.invalidParameterValue, message: 'invalid hexadecimal data: odd number of digits' });
  }
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

export function formatBytea(bytes: Uint8Array): string {
  return `\\x${formatHex(bytes)}`;
}

export function formatHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX_PAIRS[byte];
  return text;
}

const HEX_PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const UUID_PATTERN = /^\{?[0-9a-f]{4}(?:-?[0-9a-f]{4}){7}\}?$/;

/** Lower case with hyphens; braces and hyphens after any four digits are accepted. */
export function parseUuid(text: string): string {
  const lower = text.toLowerCase();
  if (!UUID_PATTERN.test(lower) || lower.startsWith('{') !== lower.endsWith('}')) throw invalidTextError('uuid', text);
  return hyphenate(lower.replace(/[{}-]/g, ''));
}

/** uuid text of 16 bytes from `start`. */
export function uuidFromBytes(data: Uint8Array, start: number): string {
  return hyphenate(formatHex(data.subarray(start, start + 16)));
}

export function uuidToBytes(uuid: string): Uint8Array {
  return parseHex(uuid.replaceAll('-', ''));
}

function hyphenate(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
