import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { JsonReader } from './json-reader.ts';
import type { JsonScanField } from './json-scan-field.ts';
import { type JsonMessages, JsonScanner } from './json-scanner.ts';
import { jsonStringBytes, jsonValueEnd } from './json-text.ts';

const encoder = new TextEncoder();
const FIELDS: JsonScanField[] = [
  { path: ['a'], kind: 'int8', precision: 0 },
  { path: ['b'], kind: 'text', precision: 0 },
  { path: ['n', 'x'], kind: 'int4', precision: 0 },
  { path: ['n', 'deep', 'y'], kind: 'float8', precision: 0 },
  { path: ['c'], kind: 'bool', precision: 0 },
  { path: ['t'], kind: 'timestamp', precision: 6 },
  { path: ['raw'], kind: 'raw', precision: 0 },
];

function messagesOf(texts: readonly (string | Uint8Array)[]): JsonMessages {
  const parts = texts.map((text) => (typeof text === 'string' ? encoder.encode(text) : text));
  const starts = new Int32Array(parts.length);
  const ends = new Int32Array(parts.length);
  let at = 3;
  parts.forEach((part, index) => {
    starts[index] = at;
    at += part.length;
    ends[index] = at;
  });
  const data = new Uint8Array(at + 2);
  parts.forEach((part, index) => data.set(part, starts[index]!));
  return { data, starts, ends, count: parts.length, bytes: at - 3 };
}

function integers({ slots }: { readonly slots: Float64Array }): bigint[] {
  return [...new BigInt64Array(slots.buffer, slots.byteOffset, slots.length)];
}

function jsonParses(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('JsonScanner', () => {
  it('reads plain messages into columns', () => {
    const messages = messagesOf([
      '{"a":-12,"b":"hello","n":{"x":7,"deep":{"y":1.25}},"c":true,"t":"2024-02-29 01:02:03.000004"}',
      '{ "b" : "é" , "zz":[1,{"q":"}"}], "a" : 123456789012345678, "n":null }',
      '{}',
      '{"t":1700000000123,"c":null,"n":{"deep":{"y":-0}}}',
    ]);
    const { columns, text: texts, slowRows, deferred } = new JsonScanner(FIELDS).scan(messages);
    const [a, b, x, y, c, t] = columns;
    expect([...slowRows]).toEqual([]);
    expect([...deferred]).toEqual([]);
    expect(integers(a!)).toEqual([-12n, 123456789012345678n, 0n, 0n]);
    expect([...a!.valid!]).toEqual([1, 1, 0, 0]);
    const text = (row: number): string => new TextDecoder().decode(texts.subarray(b!.starts[row], b!.ends[row]));
    expect([text(0), text(1)]).toEqual(['hello', 'é']);
    expect(integers(x!)).toEqual([7n, 0n, 0n, 0n]);
    expect([...y!.slots]).toEqual([1.25, 0, 0, -0]);
    expect([...c!.valid!]).toEqual([1, 0, 0, 0]);
    expect(integers(t!)).toEqual([1709168523000004n, 0n, 0n, 1700000000123000n]);
  });

  it('hands back what it does not decide', () => {
    const messages = messagesOf([
      '{"a":1,"a":2}',
      '{"b":"x\\ny"}',
      '{"a":1e2}',
      '[1]',
      '{"\\u0061":1}',
      '{"n":5}',
      '{"a":"7"}',
      '{"raw":{"p":[1,2]}}',
    ]);
    const { slowRows, deferred } = new JsonScanner(FIELDS).scan(messages);
    expect([...slowRows]).toEqual([0, 3, 4, 5]);
    const tokens = [];
    for (let at = 0; at < deferred.length; at += 4) {
      tokens.push([deferred[at], deferred[at + 1], new TextDecoder().decode(messages.data.subarray(deferred[at + 2], deferred[at + 3]))]);
    }
    expect(tokens).toEqual([
      [1, 1, '"x\\ny"'],
      [2, 0, '1e2'],
      [6, 0, '"7"'],
      [7, 6, '{"p":[1,2]}'],
    ]);
  });

  it('scans many rows through its window, and messages larger than that', () => {
    const texts = Array.from({ length: 7000 }, (_, row) => `{"a":${row},"b":"${'x'.repeat(row % 5000 === 17 ? 700_000 : row % 90)}"}`);
    const { columns, slowRows, text } = new JsonScanner(FIELDS).scan(messagesOf(texts));
    expect(slowRows.length).toBe(0);
    expect(text.every((byte) => byte === 0x78)).toBe(true);
    expect(integers(columns[0]!)).toEqual(texts.map((_, row) => BigInt(row)));
    expect(columns[1]!.ends.every((end, row) => end - columns[1]!.starts[row]! === (row % 5000 === 17 ? 700_000 : row % 90))).toBe(true);
  });
});

describe('acceptance equals JSON.parse', () => {
  it('for thousands of generated and damaged messages, in the kernel and in its twin', () => {
    const seed = 20240117;
    const random = seededRandom(seed);
    const texts = Array.from({ length: 6000 }, () => randomMessage(random));
    const messages = messagesOf(texts);
    const reader = new JsonReader(FIELDS.map((field) => field.path));
    const { slowRows } = new JsonScanner(FIELDS).scan(messages);
    const slow = new Set(slowRows);
    let accepted = 0;
    let fast = 0;
    for (let row = 0; row < texts.length; row++) {
      const bytes = messages.data.subarray(messages.starts[row], messages.ends[row]);
      const valid = jsonParses(bytes);
      const context = `seed ${seed}, message ${JSON.stringify(new TextDecoder().decode(bytes))}`;
      if (jsonValueEnd(bytes, 0, bytes.length) === bytes.length) expect(valid, context).toBe(true);
      const reason = reader.read(messages.data, messages.starts[row]!, messages.ends[row]!);
      if (reason === null || !reason.startsWith('invalid input syntax for type json')) expect(valid, context).toBe(true);
      else expect(valid, context).toBe(false);
      if (!slow.has(row)) expect(valid, context).toBe(true);
      if (valid) accepted++;
      if (!slow.has(row)) fast++;
    }
    expect(accepted).toBeGreaterThan(1500);
    expect(fast).toBeGreaterThan(700);
    expect(accepted).toBeLessThan(5000);
  });

  it('for one random byte put anywhere in a message', () => {
    const base = encoder.encode(
      '{"a":12,"b":"h\\u00e9é😀","n":{"x":-7,"deep":{"y":1.5}},"c":true,"s":[1,-0.5e+3,null,{"k":[]}],"t":"2024-01-01T00:00:00Z"}',
    );
    const random = seededRandom(99);
    const texts: Uint8Array[] = [];
    for (let position = 0; position < base.length; position++) {
      for (let round = 0; round < 12; round++) {
        const damaged = base.slice();
        damaged[position] = round < 6 ? '{}[]",:\\\u000019e-.tn '.charCodeAt(random.nextInt(19)) : random.nextInt(256);
        texts.push(damaged);
      }
    }
    for (let length = 0; length <= base.length; length++) texts.push(base.slice(0, length));
    const messages = messagesOf(texts);
    const reader = new JsonReader(FIELDS.map((field) => field.path));
    const slow = new Set(new JsonScanner(FIELDS).scan(messages).slowRows);
    let wrong = 0;
    texts.forEach((text, row) => {
      const valid = jsonParses(text as Uint8Array);
      const reason = reader.read(messages.data, messages.starts[row]!, messages.ends[row]!);
      if (valid === (reason?.startsWith('invalid input syntax') === true)) wrong++;
      if (!slow.has(row) && !valid) wrong++;
    });
    expect(wrong).toBe(0);
  });

  it('for any depth', () => {
    const deep = (levels: number, close: number): string => `{"skipped":${'['.repeat(levels)}${']'.repeat(close)}}`;
    const messages = messagesOf([deep(60_000, 60_000), deep(100_000, 100_000), deep(3000, 2999)]);
    const reader = new JsonReader([['a']]);
    expect([...new JsonScanner([FIELDS[0]!]).scan(messages).slowRows]).toEqual([1, 2]);
    expect(reader.read(messages.data, messages.starts[1]!, messages.ends[1]!)).toBe(null);
    expect(reader.read(messages.data, messages.starts[2]!, messages.ends[2]!)).toMatch(/invalid input syntax for type json/);
  });
});

describe('jsonStringBytes', () => {
  it('unescapes as JSON.parse does', () => {
    for (const token of ['plain', 'a\\n\\t\\"\\\\\\/\\b\\f\\r', '\\u0041\\u00e9\\u20ac', '\\ud83d\\ude00 é😀']) {
      const bytes = encoder.encode(token);
      expect(new TextDecoder().decode(jsonStringBytes(bytes, 0, bytes.length) as Uint8Array)).toBe(JSON.parse(`"${token}"`));
    }
    for (const token of ['\\u0000', 'x\\ud800', '\\ud800\\u0041', '\\udc00'])
      expect(jsonStringBytes(encoder.encode(token), 0, token.length)).toMatch(/unsupported Unicode/);
  });
});

function randomMessage(random: Random): string | Uint8Array {
  const text = randomObject(random, 0, ['a', 'b', 'n', 'c', 't', 'raw', 'zz', 'é']);
  if (random.nextInt(3) !== 0) return text;
  const bytes = encoder.encode(text);
  const changes = 1 + random.nextInt(2);
  for (let change = 0; change < changes; change++)
    bytes[random.nextInt(bytes.length)] = random.nextInt(4) === 0 ? random.nextInt(256) : 32 + random.nextInt(96);
  return bytes;
}

function randomObject(random: Random, depth: number, keys: readonly string[]): string {
  const space = random.nextInt(6) === 0 ? [' ', '\n', '\t  '][random.nextInt(3)]! : '';
  const members: string[] = [];
  for (let count = random.nextInt(7); count > 0; count--) {
    const key = keys[random.nextInt(keys.length)]!;
    const value =
      key === 'n' && depth === 0
        ? randomObject(random, 1, ['x', 'deep', 'other'])
        : key === 'deep'
          ? randomObject(random, 2, ['y', 'z'])
          : randomValue(random, depth);
    members.push(`${space}"${key}"${space}:${space}${value}${space}`);
  }
  return `{${members.join(',')}}`;
}

function randomValue(random: Random, depth: number): string {
  switch (random.nextInt(depth > 3 ? 8 : 10)) {
    case 0:
      return String(random.nextUint32() | 0);
    case 1:
      return ['0', '-0', '01', '1.5', '-1.25e10', '1.', '.5', '1e', '1E+5', '9223372036854775807', '9223372036854775808', '1e999', '+1', 'NaN'][
        random.nextInt(14)
      ]!;
    case 2:
      return ['true', 'false', 'null', 'tru', 'nul', 'True'][random.nextInt(6)]!;
    case 3:
      return `"${'text é😀 '.repeat(random.nextInt(5)).slice(0, random.nextInt(40)).toWellFormed()}"`;
    case 4:
      return ['"\\u00e9"', '"a\\nb"', '"\\x"', '"\\u12"', '"\\ud800"', '"tab\t"', '"\\""'][random.nextInt(7)]!;
    case 5:
      return ['"2024-01-31 10:11:12"', '"2024-02-30 10:11:12"', '"2024-01-31T10:11:12.5Z"', '"2024-01-31"', '""'][random.nextInt(5)]!;
    case 6:
    case 7:
      return '"plain"';
    case 8:
      return `[${Array.from({ length: random.nextInt(4) }, () => randomValue(random, depth + 1)).join(',')}]`;
    default:
      return randomObject(random, depth + 1, ['a', 'q']);
  }
}
