import { SqlError, SqlState } from '../../base/index.ts';
import type { CastDefinition } from '../../expr/index.ts';
import { formatTypeKind, outOfRangeError } from '../../types/index.ts';
import { defineCast } from './define-cast.ts';

const WIDTHS = { int2: 2, int4: 4, int8: 8 } as const;

/** Integers as bytes in network order and back (since PostgreSQL 18), and int4 as "char". */
export const binaryCasts: readonly CastDefinition[] = [
  ...(['int2', 'int4', 'int8'] as const).flatMap((kind) => [
    defineCast<number | bigint>(kind, 'bytea', 'explicit', {
      convert: (value) => {
        const bytes = Buffer.alloc(8);
        bytes.writeBigInt64BE(BigInt(value));
        return new Uint8Array(bytes.subarray(8 - WIDTHS[kind]));
      },
    }),
    defineCast<Uint8Array>('bytea', kind, 'explicit', {
      fallible: true,
      convert: (bytes) => {
        if (bytes.length > WIDTHS[kind]) throw outOfRangeError(formatTypeKind({ kind }));
        const unsigned = bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
        const value = BigInt.asIntN(WIDTHS[kind] * 8, unsigned);
        return kind === 'int8' ? value : Number(value);
      },
    }),
  ]),
  defineCast<number>('int4', 'internal_char', 'explicit', {
    fallible: true,
    convert: (value) => {
      if (value < -128 || value > 127) throw new SqlError({ code: SqlState.numericValueOutOfRange, message: '"char" out of range' });
      return value === 0 ? '' : String.fromCharCode(value & 0xff);
    },
  }),
  defineCast<string>('internal_char', 'int4', 'explicit', { convert: (text) => (text === '' ? 0 : (text.charCodeAt(0) << 24) >> 24) }),
];
