import { describe, expect, it } from 'vitest';
import type { Datum, SqlType } from '../types/index.ts';
import { ColumnBuilder, readDatum } from './index.ts';

const samples: readonly (readonly [SqlType, (index: number) => Datum])[] = [
  [{ kind: 'int4' }, (index) => index],
  [{ kind: 'int8' }, (index) => BigInt(index)],
  [{ kind: 'float8' }, (index) => index / 2],
  [{ kind: 'text' }, (index) => `text ${index}`],
];

describe('a column builder keeps every value', () => {
  for (const [type, value] of samples) {
    it(`of ${type.kind} when it grows, and when it is used again`, () => {
      const builder = new ColumnBuilder(type, 1);
      for (const count of [200, 3]) {
        for (let index = 0; index < count; index++) builder.append(value(index));
        const column = builder.finish();
        const read = Array.from({ length: count }, (_, index) => readDatum(column, index));
        expect(read).toEqual(Array.from({ length: count }, (_, index) => value(index)));
      }
    });
  }
});
