import { createHash } from 'node:crypto';
import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { encodeUtf8, formatHex } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

const SHA2_BITS = [224, 256, 384, 512];
const lenientDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Hashes of texts, and texts as hexadecimal, binary and base64 digits; Flink's counterparts of encode() and sha256(). */
export const digestFunctions: readonly FunctionDefinition[] = [
  defineFunction<[string]>({
    signature: 'sha1(text) -> text',
    family: 'string',
    description: 'SHA-1 hash in hexadecimal (as in Flink)',
    examples: [
      ["sha1('abc')", 'a9993e364706816aba3e25717850c26c9cd0d89d'],
      ['sha1(NULL)', null],
    ],
    evaluate: ([text]) => createHash('sha1').update(text).digest('hex'),
  }),
  defineFunction<[string, number]>({
    signature: 'sha2(text, int4) -> text',
    family: 'string',
    description: 'SHA-2 hash of 224, 256, 384 or 512 bits in hexadecimal (as in Flink)',
    examples: [
      ["sha2('abc', 224)", '23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7'],
      ["sha2('abc', NULL)", null],
    ],
    fallible: true,
    evaluate: ([text, bits]) => {
      if (SHA2_BITS.includes(bits)) return createHash(`sha${bits}`).update(text).digest('hex');
      throw new SqlError({
        code: SqlState.invalidParameterValue,
        message: `SHA-2 has no hash of ${bits} bits`,
        hint: `Use ${SHA2_BITS.join(', ')}.`,
      });
    },
  }),
  defineFunction<[bigint]>({
    signature: 'hex(int8) -> text',
    family: 'string',
    description: 'The integer in hexadecimal capitals, negative ones in two’s complement (as in Flink)',
    examples: [
      ['hex(20)', '14'],
      ['hex(-1)', 'FFFFFFFFFFFFFFFF'],
    ],
    evaluate: ([value]) => BigInt.asUintN(64, value).toString(16).toUpperCase(),
  }),
  defineFunction<[string]>({
    signature: 'hex(text) -> text',
    family: 'string',
    description: 'The bytes of the text in UTF-8 in hexadecimal capitals (as in Flink)',
    examples: [["hex('hello,world')", '68656C6C6F2C776F726C64']],
    evaluate: ([text]) => hexDigits(encodeUtf8(text)),
  }),
  defineFunction<[string]>({
    signature: 'unhex(text) -> bytea',
    family: 'string',
    description: 'The bytes of hexadecimal digits; NULL for other characters; a digit alone is taken for the second of its byte (as in Flink)',
    examples: [
      ["unhex('466C696E6B')", '\\x466c696e6b'],
      ["unhex('F')", '\\x0f'],
      ["unhex('xyz')", null],
    ],
    evaluate: ([text]) => {
      if (!/^[0-9A-Fa-f]*$/.test(text)) return null;
      return new Uint8Array(Buffer.from(text.length % 2 === 1 ? `0${text}` : text, 'hex'));
    },
  }),
  defineFunction<[bigint]>({
    signature: 'bin(int8) -> text',
    family: 'string',
    description: 'The integer in binary digits, negative ones in two’s complement (as in Flink)',
    examples: [
      ['bin(4)', '100'],
      ['bin(NULL)', null],
    ],
    evaluate: ([value]) => BigInt.asUintN(64, value).toString(2),
  }),
  defineFunction<[string]>({
    signature: 'to_base64(text) -> text',
    family: 'string',
    description: 'The bytes of the text in UTF-8 in base64, in one line (as in Flink)',
    examples: [["to_base64('hello world')", 'aGVsbG8gd29ybGQ=']],
    evaluate: ([text]) => Buffer.from(text).toString('base64'),
  }),
  defineFunction<[string]>({
    signature: 'from_base64(text) -> text',
    family: 'string',
    description: 'The text whose bytes in UTF-8 these base64 digits are; NULL where they are none (as in Flink)',
    examples: [
      ["from_base64('aGVsbG8gd29ybGQ=')", 'hello world'],
      ["from_base64('*')", null],
    ],
    evaluate: ([text]) => (isBase64(text) ? lenientDecoder.decode(Buffer.from(text, 'base64')) : null),
  }),
  ...(['to_bytes', 'from_bytes'] as const).map((name) =>
    defineFunction<[string | Uint8Array, string]>({
      signature: name === 'to_bytes' ? 'to_bytes(text, text) -> bytea' : 'from_bytes(bytea, text) -> text',
      family: 'string',
      description: `${name === 'to_bytes' ? 'The bytes a text means' : 'Bytes as text'} in the encoding hex, utf8, ascii or base64 (as in ksqlDB)`,
      examples:
        name === 'to_bytes'
          ? [
              ["to_bytes('YWJj', 'base64')", '\\x616263'],
              ["to_bytes(NULL, 'hex')", null],
            ]
          : [["from_bytes(to_bytes('abc', 'utf8'), 'hex')", '616263']],
      fallible: true,
      evaluate: ([value, encoding]) => (typeof value === 'string' ? bytesOf(value, encoding) : textOfBytes(value, encoding)),
    }),
  ),
  defineFunction<[string, string, string]>({
    signature: 'encode(text, text, text) -> text',
    family: 'string',
    description: 'A text in one of the encodings hex, utf8, ascii and base64, written in another one (as in ksqlDB)',
    examples: [
      ["encode('616263', 'hex', 'utf8')", 'abc'],
      ["encode('abc', 'utf8', 'base64')", 'YWJj'],
      ["encode(NULL, 'utf8', 'hex')", null],
    ],
    fallible: true,
    evaluate: ([text, from, to]) => textOfBytes(bytesOf(text, from), to),
  }),
];

function hexDigits(bytes: Uint8Array): string {
  return formatHex(bytes).replace(/^\\x/, '').toUpperCase();
}

function isBase64(text: string): boolean {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(text);
}

/** Errors: 22023 where the text is not of the encoding, or the encoding unknown. */
function bytesOf(text: string, encoding: string): Uint8Array {
  switch (encoding.toLowerCase()) {
    case 'hex': {
      const digits = text.replace(/^0x|^X'(.*)'$/i, '$1');
      if (!/^[0-9A-Fa-f]*$/.test(digits)) throw notOf(text, 'hexadecimal');
      return new Uint8Array(Buffer.from(digits.length % 2 === 1 ? `0${digits}` : digits, 'hex'));
    }
    case 'base64':
      if (!isBase64(text)) throw notOf(text, 'base64');
      return new Uint8Array(Buffer.from(text, 'base64'));
    case 'utf8':
      return encodeUtf8(text);
    case 'ascii':
      return encodeUtf8(asciiOnly(text));
    default:
      throw unknownEncoding(encoding);
  }
}

function textOfBytes(bytes: Uint8Array, encoding: string): string {
  switch (encoding.toLowerCase()) {
    case 'hex':
      return hexDigits(bytes);
    case 'base64':
      return Buffer.from(bytes).toString('base64');
    case 'utf8':
      return lenientDecoder.decode(bytes);
    case 'ascii':
      return asciiOnly(Buffer.from(bytes).toString('latin1'));
    default:
      throw unknownEncoding(encoding);
  }
}

/** What ASCII has no character for becomes a question mark. */
function asciiOnly(text: string): string {
  return Array.from(text, (character) => (character.codePointAt(0)! > 127 ? '?' : character)).join('');
}

function notOf(text: string, what: string): SqlError {
  return new SqlError({ code: SqlState.invalidParameterValue, message: `"${text}" is not ${what}` });
}

function unknownEncoding(encoding: string): SqlError {
  return new SqlError({
    code: SqlState.invalidParameterValue,
    message: `unrecognized encoding: "${encoding}"`,
    hint: 'Use hex, utf8, ascii or base64.',
  });
}
