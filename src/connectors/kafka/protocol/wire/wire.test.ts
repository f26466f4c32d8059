import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireReader, WireWriter } from './index.ts';

type Field =
  | { readonly kind: 'int8' | 'int16' | 'int32' | 'offset'; readonly value: number }
  | { readonly kind: 'int64'; readonly value: bigint }
  | { readonly kind: 'string'; readonly value: string | null }
  | { readonly kind: 'bytes'; readonly value: Uint8Array };

const field: fc.Arbitrary<Field> = fc.oneof(
  fc.record({ kind: fc.constant('int8' as const), value: fc.integer({ min: -128, max: 127 }) }),
  fc.record({ kind: fc.constant('int16' as const), value: fc.integer({ min: -32_768, max: 32_767 }) }),
  fc.record({ kind: fc.constant('int32' as const), value: fc.integer() }),
  fc.record({ kind: fc.constant('offset' as const), value: fc.maxSafeInteger() }),
  fc.record({ kind: fc.constant('int64' as const), value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }),
  fc.record({ kind: fc.constant('string' as const), value: fc.option(fc.string({ unit: 'grapheme', maxLength: 40 }), { nil: null }) }),
  fc.record({ kind: fc.constant('bytes' as const), value: fc.uint8Array({ maxLength: 400 }) }),
);

function write(writer: WireWriter, entry: Field): void {
  if (entry.kind === 'string') writer.string(entry.value);
  else if (entry.kind === 'bytes') writer.bytes(entry.value);
  else if (entry.kind === 'int64') writer.int64(entry.value);
  else writer[entry.kind](entry.value);
}

function read(reader: WireReader, kind: Field['kind']): unknown {
  if (kind === 'string') return reader.nullableString();
  return kind === 'bytes' ? new Uint8Array(reader.bytes()) : reader[kind]();
}

test('what is written is read, across every growth of the buffer', () => {
  fc.assert(
    fc.property(fc.array(field, { maxLength: 60 }), (fields) => {
      const writer = new WireWriter();
      for (const entry of fields) write(writer, entry);
      const reader = new WireReader(writer.finish());
      expect(fields.map((entry) => read(reader, entry.kind))).toEqual(fields.map((entry) => entry.value));
    }),
  );
});

test('an answer that ends early is a protocol violation', () => {
  const bytes = new WireWriter().int32(7).string('topic').finish();
  for (let length = 0; length < bytes.length; length++) {
    const reader = new WireReader(bytes.subarray(0, length));
    expect(() => [reader.int32(), reader.string()]).toThrow(expect.objectContaining({ code: '08P01' }));
  }
});
