import { describe, expect, it } from 'vitest';
import { SqlError } from '../../base/index.ts';
import { parseStatement } from '../../sql/index.ts';
import { printLogicalPlan, verifyLogicalPlan } from '../logical/index.ts';
import { bindContext, bindText } from '../testing/plan-fixture.ts';
import { planRelations } from '../testing/plan-relations.ts';
import { bindDelete, bindInsert, bindUpdate } from './index.ts';

/** The plan as printed, or the error with its place and hint. */
function outcome(sql: string): string {
  try {
    const statement = parseStatement(sql);
    const context = bindContext(planRelations);
    if (statement.kind === 'insert') return printLogicalPlan(bindInsert(statement, context).plan);
    if (statement.kind === 'update') return printLogicalPlan(bindUpdate(statement, context).plan);
    if (statement.kind === 'delete') return printLogicalPlan(bindDelete(statement, context).plan);
    const { plan } = bindText(sql, planRelations);
    verifyLogicalPlan(plan);
    return printLogicalPlan(plan);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const place = error.position === undefined ? '' : ` at ${sql.slice(error.position).split(/[\s,()]/)[0]}`;
    return `${error.code} ${error.message}${place}${error.hint === undefined ? '' : `; ${error.hint}`}`;
  }
}

const plans: readonly (readonly [sql: string, plan: string])[] = [
  [
    "SELECT auction, window_end, count(*) FROM TUMBLE(bids, ts, INTERVAL '10 seconds') GROUP BY auction, window_start, window_end",
    `Project auction, window_end, count
└─ Aggregate count(*) by auction, window_start, window_end
   └─ WindowAssign ts tumble 10 s
      └─ Scan bids`,
  ],
  [
    "SELECT * FROM TABLE(HOP(DATA => TABLE bids, TIMECOL => DESCRIPTOR(ts), SLIDE => INTERVAL '5' SECOND, SIZE => INTERVAL '10' SECOND))",
    `Project auction, price, channel, ts, bid, window_start, window_end, window_time
└─ WindowAssign ts hop 5 s of 10 s
   └─ Scan bids`,
  ],
  [
    "SELECT window_end FROM CUMULATE(TABLE bids, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' SECOND)",
    `Project window_end
└─ WindowAssign ts cumulate 2 s to 10 s
   └─ Scan bids`,
  ],
  [
    "SELECT TUMBLE_START(ts, INTERVAL '1' MINUTE), count(*) FROM bids GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE)",
    `Project tumble_start = window_start, count
└─ Aggregate count(*) by window_start, window_end, window_time
   └─ WindowAssign ts tumble 60 s
      └─ Scan bids`,
  ],
  [
    'SELECT channel, count(*) FROM bids WINDOW TUMBLING (SIZE 10 SECONDS) GROUP BY channel',
    `Project channel, count
└─ Aggregate count(*) by window_start, window_end, window_time, channel
   └─ WindowAssign ts tumble 10 s
      └─ Scan bids`,
  ],
  [
    'SELECT bid.a, (bid).b, bids.bid.a FROM bids',
    `Project a = bid.a, b = bid.b, a = bid.a
└─ Scan bids`,
  ],
  [
    'SELECT n FROM vw',
    `Project n
└─ Project id, n = name
   └─ Filter id > 0
      └─ Scan t`,
  ],
  [
    "SELECT reason FROM bad_rows('bids')",
    `Project reason
└─ Scan bad_rows('bids')`,
  ],
  [
    'SELECT name FROM t ORDER BY v DESC LIMIT 2',
    `Project name
└─ Limit 2
   └─ Sort sort_key desc
      └─ Project name, sort_key = v
         └─ Scan t`,
  ],
  [
    'SELECT id, (SELECT max(w) FROM u WHERE u.id = t.id) FROM t',
    `Project id, max = SCALAR(subquery)
├─ Scan t
└─ Subquery: Project max
   └─ Aggregate max(w)
      └─ Filter id = id
         └─ Scan u`,
  ],
  [
    'WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT * FROM r) SELECT * FROM r',
    `Project ?column?
└─ Recursion r: union all
   ├─ Project ?column? = 1
   │  └─ Values 1 row
   └─ Project ?column?
      └─ Recursive reference to r`,
  ],
  [
    'WITH MUTUALLY RECURSIVE (RETURN AT RECURSION LIMIT 3) r (n INT) AS (SELECT m FROM s), s (m BIGINT) AS (SELECT n + 1 FROM r) SELECT m FROM s',
    `Project m
└─ Mutual recursion r, s, return at 3 rounds: rows of s
   ├─ Project n = m
   │  └─ Recursive reference to s
   └─ Project m = n + 1
      └─ Recursive reference to r`,
  ],
  [
    'INSERT INTO t (id, v) VALUES (1, 2.345), (2, DEFAULT)',
    `Project id, v, name, w = v * 2
└─ Values 2 rows`,
  ],
  [
    'UPDATE t SET name = DEFAULT WHERE id = 2',
    `Project id, v, name, w, id, v, name = 'x', w = v * 2
└─ Filter id = 2
   └─ Scan t`,
  ],
  [
    'DELETE FROM t USING u WHERE u.id = t.id',
    `Filter id = id
└─ Join cross
   ├─ Scan t
   └─ Scan u`,
  ],
];

const errors: readonly (readonly [sql: string, error: string])[] = [
  ['SELECT prise FROM bids', '42703 column "prise" does not exist at prise; Perhaps you meant to reference the column "bids.price".'],
  ['SELECT * FROM bidz', '42P01 relation "bidz" does not exist at bidz; Perhaps you meant the relation "bids".'],
  ['SELECT lenght(channel) FROM bids', '42883 function lenght(text) does not exist at lenght; Perhaps you meant the function "length".'],
  ['SELECT 1::intt', '42704 type "intt" does not exist at intt; Perhaps you meant the type "int".'],
  [
    "SELECT * FROM TUMBLE(bids, price, INTERVAL '1 second')",
    '42804 the time column of a window must be a timestamp, not bigint at price; Name the column of the WATERMARK clause, or a computed column that converts to timestamp.',
  ],
  [
    "SELECT * FROM TUMBLE(bids, ts, INTERVAL '1 month')",
    '0A000 the window size cannot hold months or years, whose length varies at INTERVAL; Use days, hours, minutes or seconds.',
  ],
  [
    "SELECT TUMBLE_START(ts, INTERVAL '1' MINUTE) FROM bids",
    '42803 function tumble_start needs a window in GROUP BY at TUMBLE_START; Add TUMBLE(…) to GROUP BY, or use the columns window_start and window_end of the table function.',
  ],
  ['SELECT $2', '42P18 could not determine data type of parameter $1'],
  ['SELECT * FROM tops', '42809 "tops" is a sink; Read the relations its query reads.'],
  ["INSERT INTO t (id) VALUES ('a')", '22P02 invalid input syntax for type integer: "a" at \'a\''],
  [
    'INSERT INTO t (id) VALUES (true)',
    '42804 column "id" is of type integer but expression is of type boolean at true; You will need to rewrite or cast the expression.',
  ],
  ['INSERT INTO t (id, w) VALUES (1, 2)', '428C9 cannot insert a non-DEFAULT value into column "w" at 2'],
  ['INSERT INTO t (id, nam) VALUES (1, 2)', '42703 column "nam" of relation "t" does not exist at nam; Perhaps you meant the column "name".'],
  ['INSERT INTO vw VALUES (1)', '42809 cannot insert into view "vw" at vw'],
  ['UPDATE bids SET price = 1', '0A000 cannot update stream "bids" at bids; A stream only takes new rows; use CREATE TABLE for rows that change.'],
  ['UPDATE t SET id = 1, id = 2', '42601 multiple assignments to same column "id" at id'],
];

describe('binder', () => {
  for (const [sql, plan] of plans) it(sql, () => expect(outcome(sql)).toBe(plan));
  for (const [sql, error] of errors) it(sql, () => expect(outcome(sql)).toBe(error));

  it('infers parameter types from their places', () => {
    const { parameterTypes } = bindText("SELECT $1, $2 || 'x' FROM t WHERE id = $3 AND v > $4 LIMIT $5", planRelations);
    expect(parameterTypes.map((type) => type.kind)).toEqual(['text', 'text', 'int4', 'numeric', 'int8']);
  });

  it('keeps declared parameter types', () => {
    expect(bindText('SELECT $1 + 1', planRelations, [{ kind: 'int8' }]).plan.fields[0]!.type.kind).toBe('int8');
  });

  it('reads EMIT and AS OF EPOCH', () => {
    expect(bindText('SELECT price FROM bids EMIT CHANGES', planRelations).emit).toBe('on-update');
    expect(bindText('SELECT price FROM bids EMIT ON WINDOW CLOSE', planRelations).emit).toBe('on-window-close');
    expect(bindText('SELECT price FROM bids AS OF EPOCH 7', planRelations).asOfEpoch).toBe(7);
  });

  it('names volatile functions', () => {
    expect(bindText('SELECT dice() FROM t', planRelations).volatileFunctions).toEqual(['dice']);
  });
});
