import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchFromRows, rowsOf } from '../../../batch/index.ts';
import { type Datum, int4Type, type SqlType, textType } from '../../../types/index.ts';
import type { CopyFormat, OutputStyle } from '../session-contract.ts';
import { csvCopyFormat, field, textCopyFormat } from '../test/index.ts';
import { WireBuffer } from '../wire-buffer.ts';
import { CopyDecoder, CopyEncoder, headerLine } from './index.ts';

const style: OutputStyle = {
  timeZone: 'UTC',
  dateStyle: 'ISO, MDY',
  intervalStyle: 'postgres',
  byteaOutput: 'hex',
  extraFloatDigits: 1,
  registeredName: () => null,
};
const types: readonly SqlType[] = [int4Type, textType];
const fields = [field('id', int4Type), field('v')];

type Row = readonly (Datum | null)[];

/** Lines of the rows, without the CopyData frames. */
function encode(rows: readonly Row[], format: CopyFormat, columnTypes = types): Uint8Array {
  const out = new WireBuffer();
  const encoder = new CopyEncoder(batchFromRows(columnTypes, rows), format, style);
  while (!encoder.done) encoder.encode(out, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  const lines: Uint8Array[] = [];
  const bytes = Buffer.from(out.take());
  for (let at = 0; at < bytes.length; at += 1 + bytes.readInt32BE(at + 1)) lines.push(bytes.subarray(at + 5, at + 1 + bytes.readInt32BE(at + 1)));
  return Buffer.concat(lines);
}

function decode(bytes: Uint8Array, format: CopyFormat, pieceBytes = bytes.length, columns = fields): Row[] {
  const decoder = new CopyDecoder({ relationName: 't', fields: columns, format }, 'UTC');
  const rows: Row[] = [];
  for (let at = 0; at < bytes.length; at += Math.max(1, pieceBytes)) {
    for (const batch of decoder.push(bytes.subarray(at, at + Math.max(1, pieceBytes)))) rows.push(...rowsOf(batch));
  }
  for (const batch of decoder.finish()) rows.push(...rowsOf(batch));
  return rows;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

it('takes a last line of \\. for the end of CSV data, as psql before 18 sends it, and one before more data for data', () => {
  const one = [field('v')];
  for (const pieceBytes of [1, 3, 100]) {
    expect(decode(text('a\n\\.\n'), csvCopyFormat, pieceBytes, one)).toEqual([['a']]);
    expect(decode(text('a\r\n\\.\r\n'), csvCopyFormat, pieceBytes, one)).toEqual([['a']]);
    expect(decode(text('a\n\\.'), csvCopyFormat, pieceBytes, one)).toEqual([['a']]);
    expect(decode(text('a\n\\.\nb\n'), csvCopyFormat, pieceBytes, one)).toEqual([['a'], ['\\.'], ['b']]);
    expect(decode(text('a\n"\\."\n'), csvCopyFormat, pieceBytes, one)).toEqual([['a'], ['\\.']]);
  }
});

it('says which line each row came from', () => {
  const decoder = new CopyDecoder({ relationName: 't', fields, format: { ...csvCopyFormat, header: true } }, 'UTC');
  expect([...decoder.push(text('id,v\n1,"a\nb"\n2,c\n'))]).toEqual([]);
  expect([...decoder.finish()].length).toBe(1);
  expect(decoder.lines).toEqual([3, 4]);
});

describe('what COPY TO writes, COPY FROM reads', () => {
  const word = fc.string({
    unit: fc.constantFrom('a', '\\', '\n', '\r', '\t', '"', ',', 'N', '.', ' ', 'ż', '🐢', '\b', '\v', '\f', '|'),
    maxLength: 8,
  });
  const rows = fc.array(fc.tuple(fc.option(fc.integer({ min: -2147483648, max: 2147483647 })), fc.option(word)), { maxLength: 12 });
  it.each([
    ['text', textCopyFormat],
    ['csv', csvCopyFormat],
    ['csv with another quote, escape and NULL', { ...csvCopyFormat, quote: "'", escape: '\\', nullText: 'N', delimiter: '|' }],
    ['csv that quotes everything', { ...csvCopyFormat, forceQuote: [0, 1] }],
  ])('%s', (_, format) => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 9 }), (input, pieceBytes) => {
        expect(decode(encode(input, format), format, pieceBytes)).toEqual(input);
      }),
      { numRuns: 300 },
    );
  });
});

describe('text format', () => {
  it('reads escapes, octal and hexadecimal, both line ends, and stops at the end marker', () => {
    const bytes = text('1\ta\\tb\\x41\\101\\q\r\n2\t\\N\n3\tline\\\nbreak\n\\.\n4\tignored\n');
    expect(decode(bytes, textCopyFormat)).toEqual([
      [1, 'a\tbAAq'],
      [2, null],
      [3, 'line\nbreak'],
    ]);
  });

  it('reads a last line without its end', () => {
    expect(decode(text('1\tx'), textCopyFormat)).toEqual([[1, 'x']]);
  });
});

describe('csv format', () => {
  it('tells NULL from the empty text, and forced columns', () => {
    expect(decode(text('1,\n2,""\n'), csvCopyFormat)).toEqual([
      [1, null],
      [2, ''],
    ]);
    expect(decode(text('1,\n2,""\n'), { ...csvCopyFormat, forceNotNull: [1] })).toEqual([
      [1, ''],
      [2, ''],
    ]);
    expect(decode(text('2,""\n'), { ...csvCopyFormat, forceNull: [1] })).toEqual([[2, null]]);
  });

  it('quotes the one value that would end the data', () => {
    expect(new TextDecoder().decode(encode([['\\.']], csvCopyFormat, [textType]))).toBe('"\\."\n');
  });

  it('skips a header, or compares it', () => {
    expect(decode(text('anything,at all\n1,x\n'), { ...csvCopyFormat, header: true })).toEqual([[1, 'x']]);
    expect(decode(text('id,v\n1,x\n'), { ...csvCopyFormat, header: 'match' })).toEqual([[1, 'x']]);
    expect(() => decode(text('id,w\n'), { ...csvCopyFormat, header: 'match' })).toThrowError(
      expect.objectContaining({ code: '22P04', message: 'column name mismatch in header line field 2: got "w", expected "v"' }),
    );
    expect(headerLine([field('a"b'), field('c')], csvCopyFormat)).toBe('"a""b",c\n');
  });
});

describe('errors', () => {
  it.each([
    ['too few fields', '1\n', textCopyFormat, { code: '22P04', message: 'missing data for column "v"', where: 'COPY t, line 1' }],
    ['too many', '1\ta\n2\tb\tc\n', textCopyFormat, { code: '22P04', message: 'extra data after last expected column', where: 'COPY t, line 2' }],
    ['an open quote', '1,"x\n', csvCopyFormat, { code: '22P04', message: 'unterminated CSV quoted field' }],
    ['a wrong value after a quoted line end', '1,"a\nb"\nx,y\n', csvCopyFormat, { code: '22P02', where: 'COPY t, line 3, column id: "x"' }],
  ])('%s', (_, input, format, expected) => {
    expect(() => decode(text(input), format)).toThrowError(expect.objectContaining(expected));
  });

  it('bytes that are not UTF-8', () => {
    expect(() => decode(Buffer.from([0x31, 0x09, 0xff, 0x0a]), textCopyFormat)).toThrowError(expect.objectContaining({ code: '22021' }));
  });

  it('a value that the column cannot hold', () => {
    const short = [field('v', { kind: 'varchar', length: 2 })];
    expect(() => decode(text('abc\n'), textCopyFormat, 4, short)).toThrowError(expect.objectContaining({ code: '22001' }));
  });
});
