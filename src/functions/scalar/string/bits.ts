import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { defineFunction } from '../define-function.ts';

const BYTE_BITS = 8n;

/** Single bytes and bits of byte strings, counted from 0, bits from the lowest of each byte (PostgreSQL, "Binary String Functions and Operators"). */
export const bitFunctions: readonly FunctionDefinition[] = [
  defineFunction<[Uint8Array, number]>({
    signature: 'get_byte(bytea, int4) -> int4',
    family: 'binary',
    description: 'The byte at an index, from 0',
    examples: [["get_byte(bytea '\\x1234567890', 4)", '144']],
    fallible: true,
    evaluate: ([bytes, index]) => bytes[checked(BigInt(index), BigInt(bytes.length))]!,
  }),
  defineFunction<[Uint8Array, number, number]>({
    signature: 'set_byte(bytea, int4, int4) -> bytea',
    family: 'binary',
    description: 'The bytes with another one at an index, from 0',
    examples: [["set_byte(bytea '\\x1234567890', 4, 64)", '\\x1234567840']],
    fallible: true,
    evaluate: ([bytes, index, value]) => withByte(bytes, checked(BigInt(index), BigInt(bytes.length)), value & 0xff),
  }),
  defineFunction<[Uint8Array, bigint]>({
    signature: 'get_bit(bytea, int8) -> int4',
    family: 'binary',
    description: 'The bit at an index, from 0',
    examples: [["get_bit(bytea '\\x1234567890', 30)", '1']],
    fallible: true,
    evaluate: ([bytes, index]) => {
      const at = checked(index, BigInt(bytes.length) * BYTE_BITS);
      return (bytes[at >> 3]! >> (at & 7)) & 1;
    },
  }),
  defineFunction<[Uint8Array, bigint, number]>({
    signature: 'set_bit(bytea, int8, int4) -> bytea',
    family: 'binary',
    description: 'The bytes with another bit at an index, from 0',
    examples: [["set_bit(bytea '\\x1234567890', 30, 0)", '\\x1234563890']],
    fallible: true,
    evaluate: ([bytes, index, value]) => {
      const at = checked(index, BigInt(bytes.length) * BYTE_BITS);
      if (value !== 0 && value !== 1) throw new SqlError({ code: SqlState.invalidParameterValue, message: 'new bit must be 0 or 1' });
      const bit = 1 << (at & 7);
      return withByte(bytes, at >> 3, value === 1 ? bytes[at >> 3]! | bit : bytes[at >> 3]! & ~bit);
    },
  }),
  defineFunction<[Uint8Array]>({
    signature: 'bit_count(bytea) -> int8',
    family: 'binary',
    description: 'How many bits are 1',
    examples: [["bit_count(bytea '\\x1234567890')", '15']],
    evaluate: ([bytes]) => {
      let count = 0;
      for (const byte of bytes) for (let rest = byte; rest > 0; rest &= rest - 1) count++;
      return BigInt(count);
    },
  }),
];

function checked(index: bigint, length: bigint): number {
  if (index >= 0n && index < length) return Number(index);
  throw new SqlError({ code: SqlState.arraySubscriptError, message: `index ${index} out of valid range, 0..${length - 1n}` });
}

function withByte(bytes: Uint8Array, index: number, value: number): Uint8Array {
  const changed = bytes.slice();
  changed[index] = value;
  return changed;
}
