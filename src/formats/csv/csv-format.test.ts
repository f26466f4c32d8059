import { describe, expect, it } from 'vitest';
import { Batch, batchFromRows, rowsOf } from '../../batch/index.ts';
import type { EncodedRows } from '../../spi/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';
import { csv } from './index.ts';

const encoder = new TextEncoder();
const TYPES: SqlType[] = [
  { kind: 'int8' },
  { kind: 'text' },
  { kind: 'numeric', precision: 10, scale: 2 },
  { kind: 'timestamp', precision: 3 },
  { kind: 'bool' },
];
const NAMES = ['id', 'name', 'price', 'at', 'ok'];
const FIELDS = TYPES.map((type, index) => ({ path: [NAMES[index]!], type, nullable: index > 0, wanted: true }));
const COLUMNS = TYPES.map((type, index) => ({ name: NAMES[index]!, type }));

function decode(lines: readonly (string | Uint8Array)[], options: Record<string, string> = {}): { rows: (Datum | null)[][]; reasons: string[] } {
  const parts = lines.map((line) => (typeof line === 'string' ? encoder.encode(line) : line));
  const starts = new Int32Array(parts.length);
  const ends = new Int32Array(parts.length);
  let at = 0;
  parts.forEach((part, index) => {
    starts[index] = at;
    at += part.length;
    ends[index] = at;
  });
  const decoded = csv
    .createDecoder(FIELDS, new Map(Object.entries(options)))
    .decode({ count: parts.length, data: Buffer.concat(parts), starts, ends });
  return {
    rows: rowsOf(new Batch(decoded.rowCount, decoded.columns)),
    reasons: decoded.failures.map(({ message, reason }) => `${message}: ${reason}`),
  };
}

function textsOf({ data, starts, ends }: EncodedRows): string[] {
  return [...starts].map((start, row) => new TextDecoder().decode(data.subarray(start, ends[row])));
}

describe('csv', () => {
  it('reads records, quotes and NULLs', () => {
    expect(decode(['1,plain,2.5,2024-01-01 00:00:01.5,true\r\n', '2,"a ""b"", c",,,f', '3,"",7,,\n']).rows).toEqual([
      [1n, 'plain', { mantissa: 250n, scale: 2 }, 1704067201500000n, true],
      [2n, 'a "b", c', null, null, false],
      [3n, '', { mantissa: 700n, scale: 2 }, null, null],
    ]);
  });

  it('says what is wrong with a record', () => {
    expect(
      decode(['x,a,1,,t', '1,a', '1,a,1,,t,more', '1,"a,1,,t', '1,"a"b,1,,t', ',a,1,,t', Buffer.from([0x31, 0x2c, 0xff, 0x2c, 0x2c, 0x2c])]).reasons,
    ).toEqual([
      '0: column "id": invalid input syntax for type bigint: "x"',
      '1: missing data for column "price"',
      '2: extra data after last expected column',
      '3: unterminated CSV quoted field',
      '4: a delimiter is expected after a CSV quoted field',
      '5: null value in column "id" violates not-null constraint',
      '6: column "name": invalid byte sequence for encoding "UTF8"',
    ]);
  });

  it('follows the options', () => {
    const options = { 'csv.field-delimiter': '\\t', 'csv.quote-character': "'", 'csv.null-literal': 'NULL', 'csv.ignore-parse-errors': 'true' };
    expect(decode(["1\t'a\tb'\tNULL\tnonsense\tt", '1\ta', "2\t''\t1\tNULL\tNULL"], options)).toEqual({
      rows: [
        [1n, 'a\tb', null, null, true],
        [2n, '', { mantissa: 100n, scale: 2 }, null, null],
      ],
      reasons: [],
    });
    expect(decode(['1,"a\\"b\\\\",,,'], { 'csv.escape-character': '\\' }).rows[0]![1]).toBe('a"b\\');
    expect(decode(['1,"a,,,'], { 'csv.disable-quote-character': 'true' }).rows[0]![1]).toBe('"a');
    expect(() => csv.createDecoder(FIELDS, new Map([['csv.field-delimiter', 'ab']]))).toThrow(/must be a single/);
    expect(() => csv.createDecoder(FIELDS, new Map([['csv.quote-character', ',']]))).toThrow(/must be different/);
  });

  it('writes what it reads', () => {
    const rows: (Datum | null)[][] = [
      [1n, 'plain', { mantissa: 250n, scale: 2 }, 1704067201500000n, true],
      [-9223372036854775808n, 'a "b", c\nd', null, null, false],
      [3n, '', { mantissa: 0n, scale: 2 }, -1000n, null],
      [4n, null, null, 0n, null],
    ];
    const batch = batchFromRows(TYPES, rows);
    const texts = textsOf(csv.createEncoder(COLUMNS, new Map()).encode(batch));
    expect(texts).toEqual([
      '1,plain,2.50,2024-01-01 00:00:01.5,true',
      '-9223372036854775808,"a ""b"", c\nd",,,false',
      '3,"",0.00,1969-12-31 23:59:59.999,',
      '4,,,1970-01-01 00:00:00,',
    ]);
    expect(decode(texts).rows).toEqual(rows);
    const options = { 'csv.escape-character': '\\', 'csv.null-literal': 'plain' };
    expect(decode(textsOf(csv.createEncoder(COLUMNS, new Map(Object.entries(options))).encode(batch)), options).rows).toEqual(rows);
  });
});
