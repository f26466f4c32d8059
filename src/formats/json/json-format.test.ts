import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { Batch, batchFromRows, rowsOf } from '../../batch/index.ts';
import type { DecodedBatch, DecodeField, EncodedMessages, EncodedRows } from '../../spi/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';
import { json } from './index.ts';
import { JsonDecoder } from './json-decoder.ts';

const encoder = new TextEncoder();
const INT8: SqlType = { kind: 'int8' };
const TEXT: SqlType = { kind: 'text' };
const TIMESTAMP: SqlType = { kind: 'timestamp', precision: 3 };

function field(path: string, type: SqlType, more: Partial<DecodeField> = {}): DecodeField {
  return { path: path.split('.'), type, nullable: true, wanted: true, ...more };
}

function messagesOf(texts: readonly (string | null)[]): EncodedMessages {
  const parts = texts.map((text) => (text === null ? null : encoder.encode(text)));
  const starts = new Int32Array(parts.length);
  const ends = new Int32Array(parts.length);
  let at = 0;
  parts.forEach((part, index) => {
    starts[index] = part === null ? -1 : at;
    at += part?.length ?? 0;
    ends[index] = part === null ? -1 : at;
  });
  return { count: parts.length, data: Buffer.from(texts.map((text) => text ?? '').join('')), starts, ends };
}

function rowsIn(decoded: DecodedBatch): (Datum | null)[][] {
  return rowsOf(new Batch(decoded.rowCount, decoded.columns));
}

/** Decodes with both engines, which must agree, and returns rows and reasons. */
function decode(
  fields: readonly DecodeField[],
  texts: readonly (string | null)[],
  options: Record<string, string> = {},
): { rows: (Datum | null)[][]; reasons: string[]; messageOf: number[] } {
  const decodeOptions = {
    failOnMissingField: options['json.fail-on-missing-field'] === 'true',
    ignoreParseErrors: options['json.ignore-parse-errors'] === 'true',
  };
  const messages = messagesOf(texts);
  const fast = json.createDecoder(fields, new Map(Object.entries(options))).decode(messages);
  const slow = new JsonDecoder(fields, decodeOptions, 'reader').decode(messages);
  expect(rowsIn(fast)).toEqual(rowsIn(slow));
  expect(fast.failures).toEqual(slow.failures);
  expect([...fast.messageOf]).toEqual([...slow.messageOf]);
  return { rows: rowsIn(fast), reasons: fast.failures.map(({ message, reason }) => `${message}: ${reason}`), messageOf: [...fast.messageOf] };
}

const one = (type: SqlType, value: string): Datum | null | string => {
  const { rows, reasons } = decode([field('v', type)], [`{"v":${value}}`]);
  return reasons.length > 0 ? reasons[0]!.replace(/^0: column "v": /, 'error: ') : rows[0]![0]!;
};

describe('json decoder', () => {
  it('reads columns, nested paths, nulls and missing keys', () => {
    const { rows } = decode(
      [field('bid.auction', INT8), field('bid.channel', TEXT), field('bid.dateTime', TIMESTAMP), field('event_type', { kind: 'int4' })],
      [
        '{"event_type":2,"person":null,"bid":{"auction":7,"channel":"Apple","dateTime":"2024-01-01 00:00:01.5","x":[1]}}',
        '{"event_type":0,"person":{"id":1},"bid":null}',
        '{"bid":{"channel":"caf\\u00e9 \\"x\\"","auction":null}}',
      ],
    );
    expect(rows).toEqual([
      [7n, 'Apple', 1704067201500000n, 2],
      [null, null, null, 0],
      [null, 'café "x"', null, null],
    ]);
  });

  it('checks every part of a row value nobody reads, and what is read of it is not read twice', () => {
    const bid: SqlType = {
      kind: 'row',
      fields: [
        { name: 'price', type: INT8 },
        { name: 'url', type: TEXT },
        { name: 'at', type: { kind: 'row', fields: [{ name: 'x', type: INT8 }] } },
      ],
    };
    const whole = { path: ['bid'], type: bid, nullable: true, wanted: false };
    const { rows, reasons } = decode(
      [field('n', INT8), field('bid.price', INT8), whole],
      [
        '{"n":1,"bid":{"price":7,"url":"a\\u0041","at":{"x":1}}}',
        '{"n":2,"bid":null}',
        '{"n":3}',
        '{"n":4,"bid":{"url":null,"at":null}}',
        '{"n":5,"bid":{"at":{"x":"y"}}}',
        '{"n":6,"bid":{"url":"\\ud800"}}',
        '{"n":7,"bid":8}',
        '{"n":8,"bid":{"at":9}}',
      ],
    );
    expect(rows).toEqual([
      [1n, 7n],
      [2n, null],
      [3n, null],
      [4n, null],
    ]);
    expect(reasons.map((reason) => reason.slice(0, 16))).toEqual(['4: column "bid.a', '5: column "bid.u', '6: column "bid":', '7: column "at": ']);
  });

  it('leaves null and skipped messages out and keeps the rest in order', () => {
    const decoder = json.createDecoder([field('a', INT8)], new Map());
    const messages = { ...messagesOf(['{"a":1}', null, '{"a":2}', 'bad', '{"a":3}']), skip: Uint8Array.of(1, 0, 0, 0, 0) };
    const decoded = decoder.decode(messages);
    expect(rowsIn(decoded)).toEqual([[2n], [3n]]);
    expect([...decoded.messageOf]).toEqual([2, 4]);
    expect(decoded.failures).toEqual([{ message: 3, reason: 'invalid input syntax for type json at byte 0' }]);
  });

  it('reads integers exactly and refuses what is none', () => {
    expect(one(INT8, '9223372036854775807')).toBe(9223372036854775807n);
    expect(one(INT8, '-9223372036854775808')).toBe(-9223372036854775808n);
    expect(one(INT8, '9223372036854775808')).toBe('error: value "9223372036854775808" is out of range for type bigint');
    expect(one(INT8, '9007199254740993')).toBe(9007199254740993n);
    expect([one(INT8, '1e3'), one(INT8, '12.50e1'), one(INT8, '-0'), one(INT8, '1.0'), one(INT8, '0e999999999')]).toEqual([1000n, 125n, 0n, 1n, 0n]);
    expect(one(INT8, '1.5')).toBe('error: invalid input syntax for type bigint: "1.5"');
    expect(one(INT8, '1e400')).toBe('error: value "1e400" is out of range for type bigint');
    expect(one(INT8, '"12"')).toBe(12n);
    expect(one(INT8, '"abc"')).toBe('error: invalid input syntax for type bigint: "abc"');
    expect(one(INT8, 'true')).toBe('error: invalid input syntax for type bigint: "true"');
    expect(one(INT8, '{"x":1}')).toBe('error: invalid input syntax for type bigint: "{"x":1}"');
    expect(one({ kind: 'int4' }, '2147483648')).toBe('error: value "2147483648" is out of range for type integer');
    expect(one({ kind: 'int2' }, '-32769')).toBe('error: value "-32769" is out of range for type smallint');
    expect(one({ kind: 'int2' }, '-32768')).toBe(-32768);
  });

  it('reads the other types', () => {
    expect([
      one({ kind: 'float8' }, '0.1'),
      one({ kind: 'float8' }, '1e-7'),
      one({ kind: 'float8' }, '-0'),
      one({ kind: 'float8' }, '"NaN"'),
    ]).toEqual([0.1, 1e-7, -0, Number.NaN]);
    expect(one({ kind: 'float8' }, '123456789012345678901234567890.5')).toBe(Number('123456789012345678901234567890.5'));
    expect(one({ kind: 'float4' }, '0.1')).toBe(Math.fround(0.1));
    expect([one({ kind: 'bool' }, 'true'), one({ kind: 'bool' }, 'false'), one({ kind: 'bool' }, '"t"')]).toEqual([true, false, true]);
    expect(one({ kind: 'bool' }, '1')).toBe('error: invalid input syntax for type boolean: "1"');
    expect([one(TEXT, '5'), one(TEXT, 'true'), one(TEXT, '{"a": 1}'), one(TEXT, '""')]).toEqual(['5', 'true', '{"a": 1}', '']);
    expect(one(TEXT, '"\\u0000"')).toBe('error: unsupported Unicode escape sequence: \\u0000 cannot be converted to text');
    expect(one({ kind: 'numeric', precision: 10, scale: 2 }, '12.345')).toEqual({ mantissa: 1235n, scale: 2 });
    expect(one({ kind: 'numeric', precision: null, scale: null }, '123456789012345678901234567890.120')).toEqual({
      mantissa: 123456789012345678901234567890120n,
      scale: 3,
    });
    expect(one({ kind: 'varchar', length: 3 }, '"abcd"')).toBe('error: value too long for type character varying(3)');
    expect([
      one({ kind: 'varchar', length: 3 }, '"äöü"'),
      one({ kind: 'varchar', length: 3 }, '"ab   "'),
      one({ kind: 'char', length: 4 }, '"ab"'),
    ]).toEqual(['äöü', 'ab ', 'ab  ']);
    expect(one({ kind: 'jsonb' }, '{"b":1,"a":[1.50]}')).toBe('{"a": [1.50], "b": 1}');
    expect(one({ kind: 'bytea' }, '"AQL/"')).toEqual(Uint8Array.of(1, 2, 255));
    expect(one({ kind: 'bytea' }, '"A"')).toBe('error: invalid base64 in a value of type bytea');
    expect(one({ kind: 'uuid' }, '"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"')).toBe('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
    expect(one({ kind: 'date' }, '"2024-02-29"')).toBe(19782);
    expect(one({ kind: 'date' }, '"2023-02-29"')).toMatch(/^error: date\/time field value out of range/);
    expect(one({ kind: 'time', precision: 6 }, '"10:11:12.5"')).toBe(36672500000n);
    expect(one({ kind: 'array', element: INT8 }, '[1, null ,3]')).toEqual({ elements: [1n, null, 3n] });
    expect(one({ kind: 'array', element: INT8 }, '[[1,2],[3,4]]')).toEqual({ elements: [{ elements: [1n, 2n] }, { elements: [3n, 4n] }] });
    expect(one({ kind: 'array', element: INT8 }, '[1,"x"]')).toBe('error: invalid input syntax for type bigint: "x"');
    const row: SqlType = {
      kind: 'row',
      fields: [
        { name: 'a', type: INT8 },
        { name: 'B', type: TEXT },
      ],
    };
    expect(one(row, '{"B":"x","a":1,"zz":{},"b":2}')).toEqual({ fields: [1n, 'x'] });
  });

  it('reads timestamps in every form', () => {
    const micros = 1704164645500000n;
    const forms = [
      '"2024-01-02 03:04:05.5"',
      '"2024-01-02T03:04:05.5"',
      '"2024-01-02T03:04:05.500Z"',
      '1704164645500',
      '1704164645.5e3',
      '"2024-01-02 03:04:05.500499"',
    ];
    for (const form of forms) expect(one(TIMESTAMP, form), form).toBe(micros);
    expect(one({ kind: 'timestamptz', precision: 3 }, '"2024-01-02T05:04:05.5+02:00"')).toBe(micros);
    expect(one(TIMESTAMP, '"2024-13-02 03:04:05"')).toMatch(/^error: /);
    expect(one(TIMESTAMP, '"nonsense"')).toBe('error: invalid input syntax for type timestamp: "nonsense"');
    expect(one(TIMESTAMP, '1e30')).toMatch(/^error: timestamp out of range/);
    expect(one(TIMESTAMP, '-1')).toBe(-1000n);
  });

  it('reads a whole object and its fields side by side', () => {
    const { rows } = decode([field('bid', { kind: 'jsonb' }), field('bid.price', INT8)], ['{"bid":{"price":5}}', '{"bid":null}', '{}']);
    expect(rows).toEqual([
      ['{"price": 5}', 5n],
      [null, null],
      [null, null],
    ]);
  });

  it('takes the last of several equal keys', () => {
    const { rows } = decode(
      [field('a', INT8), field('n.x', INT8), field('n.y', INT8)],
      ['{"a":1,"a":2}', '{"n":{"x":1},"n":{"y":2}}', '{"n":{"x":1},"n":null}', '{"a":1,"a":null}', '{"\\u0061":4}'],
    );
    expect(rows).toEqual([
      [2n, null, null],
      [null, null, 2n],
      [null, null, null],
      [null, null, null],
      [4n, null, null],
    ]);
  });

  it('refuses a row for any declared field, wanted or not, and NULL where it must not be', () => {
    const fields = [field('price', INT8, { wanted: false }), field('name', TEXT, { nullable: false })];
    const { rows, reasons, messageOf } = decode(fields, [
      '{"price":"abc","name":"a"}',
      '{"name":"b"}',
      '{"price":1}',
      '{"name":null}',
      '{"bid":1,"name":"c\\n"}',
      '[1]',
      '',
      '{"name":"d"',
    ]);
    expect(rows).toEqual([['b'], ['c\n']]);
    expect(messageOf).toEqual([1, 4]);
    expect(reasons).toEqual([
      '0: column "price": invalid input syntax for type bigint: "abc"',
      '2: null value in column "name" violates not-null constraint',
      '3: null value in column "name" violates not-null constraint',
      '5: the message is not a JSON object',
      '6: invalid input syntax for type json: the input string ended unexpectedly',
      '7: invalid input syntax for type json: the input string ended unexpectedly',
    ]);
    expect(decode([field('bid.price', INT8)], ['{"bid":5}']).reasons).toEqual(['0: column "bid": a JSON object is expected']);
  });

  it('takes broken fields for NULL, or missing ones for errors, when told to, and never both', () => {
    const fields = [field('a', INT8), field('n.x', INT8)];
    const texts = ['{"a":"x","n":{"x":1}}', '{"a":1,"n":{}}', 'no', '{"a":2,"n":null}', '{"n":{"x":null},"a":null}'];
    expect(decode(fields, texts, { 'json.ignore-parse-errors': 'true' })).toEqual({
      rows: [
        [null, 1n],
        [1n, null],
        [2n, null],
        [null, null],
      ],
      reasons: [],
      messageOf: [0, 1, 3, 4],
    });
    expect(decode(fields, texts, { 'json.fail-on-missing-field': 'true' }).reasons).toEqual([
      '0: column "a": invalid input syntax for type bigint: "x"',
      '1: column "n.x": the key is missing',
      '2: invalid input syntax for type json at byte 1',
    ]);
    expect(() =>
      json.createDecoder(
        fields,
        new Map([
          ['json.fail-on-missing-field', 'true'],
          ['json.ignore-parse-errors', 'true'],
        ]),
      ),
    ).toThrow(/cannot both be true/);
  });

  it('gives the same rows and reasons with the kernel and with its twin, for random messages', () => {
    const seed = 4711;
    const random = seededRandom(seed);
    const fields = [
      field('i', INT8),
      field('s', { kind: 'int2' }),
      field('t', TEXT),
      field('v', { kind: 'varchar', length: 4 }),
      field('f', { kind: 'float8' }),
      field('g', { kind: 'float4' }),
      field('b', { kind: 'bool' }),
      field('ts', TIMESTAMP),
      field('d', { kind: 'date' }),
      field('n', { kind: 'numeric', precision: 6, scale: 2 }),
      field('o.x', INT8, { nullable: false }),
      field('o.y', TEXT),
    ];
    for (let round = 0; round < 12; round++)
      decode(
        fields,
        Array.from({ length: 250 }, () => randomMessage(random)),
      );
    expect(seed).toBe(4711);
  });
});

describe('json encoder', () => {
  const columns = [
    { name: 'id', type: INT8 },
    { name: 'na"me', type: TEXT },
    { name: 'price', type: { kind: 'numeric', precision: 10, scale: 2 } as SqlType },
    { name: 'at', type: TIMESTAMP },
    { name: 'tz', type: { kind: 'timestamptz', precision: 6 } as SqlType },
    { name: 'f', type: { kind: 'float8' } as SqlType },
    { name: 'ok', type: { kind: 'bool' } as SqlType },
    { name: 'j', type: { kind: 'jsonb' } as SqlType },
    { name: 'a', type: { kind: 'array', element: { kind: 'int4' } } as SqlType },
    { name: 'r', type: { kind: 'row', fields: [{ name: 'x', type: TEXT }] } as SqlType },
    { name: 'bytes', type: { kind: 'bytea' } as SqlType },
    { name: 'day', type: { kind: 'date' } as SqlType },
  ];
  const row: (Datum | null)[] = [
    -9223372036854775808n,
    'a"b\\c\n\u0001é😀',
    { mantissa: 1250n, scale: 2 },
    1704067201500000n,
    -1n,
    0.1,
    true,
    '{"k": [1]}',
    { elements: [1, null] },
    { fields: ['y'] },
    Uint8Array.of(1, 2, 255),
    19782,
  ];
  const batch = batchFromRows(
    columns.map((column) => column.type),
    [row, columns.map(() => null)],
  );
  const textsOf = ({ data, starts, ends }: EncodedRows): string[] =>
    [...starts].map((start, index) => new TextDecoder().decode(data.subarray(start, ends[index])));

  it('writes exact numbers and PostgreSQL times', () => {
    const [first, second] = textsOf(json.createEncoder(columns, new Map()).encode(batch));
    expect(first).toBe(
      '{"id":-9223372036854775808,"na\\"me":"a\\"b\\\\c\\n\\u0001é😀","price":12.50,"at":"2024-01-01 00:00:01.5","tz":"1969-12-31 23:59:59.999999Z","f":0.1,"ok":true,"j":{"k": [1]},"a":[1,null],"r":{"x":"y"},"bytes":"AQL/","day":"2024-02-29"}',
    );
    expect(Object.values(JSON.parse(second!) as object)).toEqual(columns.map(() => null));
  });

  it('writes ISO-8601 and leaves nulls out when told to', () => {
    const options = new Map([
      ['json.timestamp-format.standard', 'ISO-8601'],
      ['json.encode.ignore-null-fields', 'true'],
    ]);
    const [first, second] = textsOf(json.createEncoder(columns, options).encode(batch));
    expect(first).toContain('"at":"2024-01-01T00:00:01.5","tz":"1969-12-31T23:59:59.999999Z"');
    expect(second).toBe('{}');
  });

  it('is read back by the decoder', () => {
    const encoded = json.createEncoder(columns, new Map()).encode(batch);
    const fields = columns.map((column) => ({ path: [column.name], type: column.type, nullable: true, wanted: true }));
    const decoded = json.createDecoder(fields, new Map()).decode({ count: 2, ...encoded });
    expect(decoded.failures).toEqual([]);
    expect(rowsIn(decoded)).toEqual([row, columns.map(() => null)]);
  });
});

function randomMessage(random: Random): string {
  const pick = (values: readonly string[]): string => values[random.nextInt(values.length)]!;
  const values: Record<string, () => string> = {
    i: () => pick([String(random.nextUint32()), '-5', '"7"', '1e2', '99999999999999999999', '1.5', 'null', '00']),
    s: () => pick(['12', '-32768', '40000', '"1"', 'null']),
    t: () => pick(['"plain"', '"é"', '"a\\nb"', '"\\ud83d\\ude00"', '7', 'null', '["x"]', '""']),
    v: () => pick(['"abc"', '"abcde"', '"äöüß"', '"\\u00e4bcde"', '"ab    "']),
    f: () => pick(['1.5', '-0', '3', '1e400', '0.1', '"Infinity"', '12345678901234567890', 'true', '9007199254740993']),
    g: () => pick(['1.1', '3e38', '1e39', '16777217']),
    b: () => pick(['true', 'false', '"yes"', '0', 'null']),
    ts: () =>
      pick([
        '"2024-01-31 10:11:12.123"',
        '"2024-01-31T10:11:12Z"',
        '1700000000000',
        '"2024-01-31"',
        '"2024-01-31 10:11:12.1239"',
        '"2024-02-31 10:11:12"',
        '17.5',
        '1.5e3',
        '-1',
        '"infinity"',
        '"2024-01-31 24:00:00"',
      ]),
    d: () => pick(['"2024-01-31"', '"0001-01-01"', '"2024-1-1"', '5', '"x"']),
    n: () => pick(['12.345', '"7.1"', '123456', '1e3', 'null', '-0.004']),
    o: () => pick(['{"x":1,"y":"a"}', '{"y":"b","x":2}', '{"x":3}', '{"y":"c"}', 'null', '{"x":1,"x":"2"}', '5', '{"y":"\\t","x":9,"z":[{}]}']),
    zz: () => pick(['[1,2,{"a":"}"}]', '"skip\\u0041"', '-1.5e-7', 'nul']),
  };
  const keys = Object.keys(values).filter(() => random.nextInt(4) !== 0);
  const ordered = random.nextInt(3) === 0 ? keys.reverse() : keys;
  return `{${ordered.map((key) => `"${key}":${values[key]!()}`).join(random.nextInt(5) === 0 ? ' , ' : ',')}}`;
}
