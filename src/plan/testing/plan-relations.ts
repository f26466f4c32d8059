import { relation } from './plan-fixture.ts';

/** A stream with a watermark and a ROW column, three stored tables, and a view. */
export const planRelations = [
  relation(1, 'bids', 'auction int8, price int8, channel text, ts timestamp(3), bid row(a int, b text)', {
    kind: 'stream',
    options: new Map([['connector', 'datagen']]),
    appendOnly: true,
    watermark: { column: 3, delayMicros: 4_000_000n, latenessMicros: 0n },
  }),
  relation(2, 't', "id int primary key, v numeric(10,2), name text default 'x', w numeric as (v * 2)"),
  relation(3, 'u', 'id int, w text'),
  relation(4, 'vw', 'id int, n text', { kind: 'view', query: 'SELECT id, name FROM t WHERE id > 0' }),
  relation(5, 'tops', 'id int', { kind: 'sink' }),
];
