import { describe, expect, it } from 'vitest';
import { Batch, batchFromRows, rowsOf } from '../../batch/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';
import { raw } from './index.ts';

function decode(type: SqlType, bytes: Uint8Array): Datum | null | string {
  const decoder = raw.createDecoder([{ path: ['v'], type, nullable: true, wanted: true }], new Map());
  const { rowCount, columns, failures } = decoder.decode({ count: 1, data: bytes, starts: Int32Array.of(0), ends: Int32Array.of(bytes.length) });
  return failures.length > 0 ? failures[0]!.reason : rowsOf(new Batch(rowCount, columns))[0]![0]!;
}

describe('raw', () => {
  it('hands the message on as one value', () => {
    expect(decode({ kind: 'text' }, Buffer.from('héllo'))).toBe('héllo');
    expect(decode({ kind: 'text' }, Buffer.from(''))).toBe('');
    expect(decode({ kind: 'bytea' }, Buffer.of(1, 0, 255))).toEqual(Uint8Array.of(1, 0, 255));
    expect(decode({ kind: 'int8' }, Buffer.from('42'))).toBe(42n);
    expect(decode({ kind: 'int8' }, Buffer.from('x'))).toBe('column "v": invalid input syntax for type bigint: "x"');
    expect(decode({ kind: 'text' }, Buffer.of(0xc3))).toBe('column "v": invalid byte sequence for encoding "UTF8"');
    expect(decode({ kind: 'text' }, Buffer.of(0x61, 0))).toBe('column "v": invalid byte sequence for encoding "UTF8"');
  });

  it('takes exactly one column', () => {
    expect(() => raw.createDecoder([], new Map())).toThrow(/needs exactly one column/);
  });

  it('writes a value as the message, NULL as a null message', () => {
    const batch = batchFromRows([{ kind: 'int8' }], [[-5n], [null]]);
    const { data, starts, ends } = raw.createEncoder([{ name: 'v', type: { kind: 'int8' } }], new Map()).encode(batch);
    expect(Buffer.from(data.subarray(starts[0], ends[0])).toString()).toBe('-5');
    expect([starts[1], ends[1]]).toEqual([-1, -1]);
  });
});
