import { createHash } from 'node:crypto';
import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { encodeUtf8, formatHex, parseHex } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

const BASE64_LINE = 76;

/** Hashes, encodings and code points. */
export const encodingFunctions: readonly FunctionDefinition[] = [
  defineFunction<[string]>({
    signature: 'md5(text) -> text',
    family: 'string',
    description: 'MD5 hash in hexadecimal',
    examples: [["md5('abc')", '900150983cd24fb0d6963f7d28e17f72']],
    evaluate: ([text]) => createHash('md5').update(text).digest('hex'),
  }),
  defineFunction<[Uint8Array]>({
    signature: 'md5(bytea) -> text',
    family: 'binary',
    description: 'MD5 hash of bytes in hexadecimal',
    examples: [["md5(bytea '\\x00ff')", 'd07d34efac6328007ad67c7e0a985e00']],
    evaluate: ([bytes]) => createHash('md5').update(bytes).digest('hex'),
  }),
  ...(['sha224', 'sha256', 'sha384', 'sha512'] as const).map((name) =>
    defineFunction<[Uint8Array]>({
      signature: `${name}(bytea) -> bytea`,
      family: 'binary',
      description: 'SHA-2 hash',
      examples: [[`${name}(bytea 'abc')`, `\\x${createHash(name).update('abc').digest('hex')}`]],
      evaluate: ([bytes]) => new Uint8Array(createHash(name).update(bytes).digest()),
    }),
  ),
  defineFunction<[Uint8Array, string]>({
    signature: 'encode(bytea, text) -> text',
    family: 'binary',
    description: 'Bytes as text: hex, base64 or escape',
    examples: [["encode(bytea '\\x1234', 'base64')", 'EjQ=']],
    fallible: true,
    evaluate: ([bytes, format]) => encode(bytes, format),
  }),
  defineFunction<[string, string]>({
    signature: 'decode(text, text) -> bytea',
    family: 'binary',
    description: 'Text as bytes: hex, base64 or escape',
    examples: [["decode('MTIz', 'base64')", '\\x313233']],
    fallible: true,
    evaluate: ([text, format]) => decode(text, format),
  }),
  ...(['int4', 'int8'] as const).map((kind) =>
    defineFunction<[number | bigint]>({
      signature: `to_hex(${kind}) -> text`,
      family: 'string',
      description: 'The integer in hexadecimal, negative ones in two’s complement',
      examples: [[`to_hex(${kind} '2147483647')`, '7fffffff']],
      evaluate: ([value]) => BigInt.asUintN(kind === 'int4' ? 32 : 64, BigInt(value)).toString(16),
    }),
  ),
  defineFunction<[string]>({
    signature: 'ascii(text) -> int4',
    family: 'string',
    description: 'Code point of the first character; 0 for an empty string',
    examples: [["ascii('x')", '120']],
    evaluate: ([text]) => text.codePointAt(0) ?? 0,
  }),
  defineFunction<[number]>({
    signature: 'chr(int4) -> text',
    family: 'string',
    description: 'The character of a code point',
    examples: [['chr(65)', 'A']],
    fallible: true,
    evaluate: ([code]) => {
      if (code === 0) throw new SqlError({ code: SqlState.programLimitExceeded, message: 'null character not permitted' });
      if (code < 0) throw new SqlError({ code: SqlState.invalidParameterValue, message: 'character number must be positive' });
      if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        throw new SqlError({ code: SqlState.programLimitExceeded, message: `requested character not valid for encoding: ${code}` });
      }
      return String.fromCodePoint(code);
    },
  }),
  defineFunction<[string, string]>({
    signature: 'convert_to(text, name) -> bytea',
    family: 'binary',
    description: 'The string in an encoding; only UTF8 is known',
    examples: [["convert_to('é', 'UTF8')", '\\xc3a9']],
    fallible: true,
    evaluate: ([text, encoding]) => {
      checkEncoding(encoding, 'destination');
      return encodeUtf8(text);
    },
  }),
  defineFunction<[Uint8Array, string]>({
    signature: 'convert_from(bytea, name) -> text',
    family: 'binary',
    description: 'Bytes of an encoding as string; only UTF8 is known',
    examples: [["convert_from(bytea '\\xc3a9', 'UTF8')", 'é']],
    fallible: true,
    evaluate: ([bytes, encoding]) => {
      checkEncoding(encoding, 'source');
      try {
        return strictDecoder.decode(bytes);
      } catch {
        throw new SqlError({ code: SqlState.characterNotInRepertoire, message: 'invalid byte sequence for encoding "UTF8"' });
      }
    },
  }),
];

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function encode(bytes: Uint8Array, format: string): string {
  switch (format.toLowerCase()) {
    case 'hex':
      return formatHex(bytes);
    case 'base64': {
      const lines = Buffer.from(bytes)
        .toString('base64')
        .match(new RegExp(`.{1,${BASE64_LINE}}`, 'g'));
      return lines?.join('\n') ?? '';
    }
    case 'escape':
      return Array.from(bytes, (byte) =>
        byte === 0 || byte > 127 ? `\\${byte.toString(8).padStart(3, '0')}` : byte === 0x5c ? '\\\\' : String.fromCharCode(byte),
      ).join('');
    default:
      throw unknownFormat(format);
  }
}

function decode(text: string, format: string): Uint8Array {
  switch (format.toLowerCase()) {
    case 'hex':
      return parseHex(text);
    case 'base64': {
      const compact = text.replace(/[ \n\r\t]/g, '');
      const wrong = /[^A-Za-z0-9+/=]/u.exec(compact);
      if (wrong !== null) {
        throw new SqlError({ code: SqlState.invalidParameterValue, message: `invalid symbol "${wrong[0]}" found while decoding base64 sequence` });
      }
      if (compact.length % 4 !== 0) {
        throw new SqlError({
          code: SqlState.invalidParameterValue,
          message: 'invalid base64 end sequence',
          hint: 'Input data is missing padding, is truncated, or is otherwise corrupted.',
        });
      }
      return new Uint8Array(Buffer.from(compact, 'base64'));
    }
    case 'escape':
      return new Uint8Array(
        Buffer.from(
          text.replace(/\\(?:(\\)|([0-3][0-7]{2}))/g, (_, backslash, octal) =>
            backslash !== undefined ? '\\' : String.fromCharCode(Number.parseInt(octal, 8)),
          ),
          'latin1',
        ),
      );
    default:
      throw unknownFormat(format);
  }
}

function unknownFormat(format: string): SqlError {
  return new SqlError({ code: SqlState.invalidParameterValue, message: `unrecognized encoding: "${format}"` });
}

function checkEncoding(encoding: string, role: string): void {
  if (!/^utf-?8$/i.test(encoding))
    throw new SqlError({ code: SqlState.invalidParameterValue, message: `invalid ${role} encoding name "${encoding}"` });
}
