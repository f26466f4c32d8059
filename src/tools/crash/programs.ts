import type { CrashRow } from './crash-row.ts';
import type { Names, Program } from './program.ts';

const WINDOW_MS = 10_000;
const SESSION_GAP_MS = 1_000;
const NEAR_MS = 1_000;
const PLACES = 2;
const TABLE_IDS = 20;

const view = (suffix: number, rest: string) => [{ kind: 'MATERIALIZED VIEW' as const, name: `v${suffix}`, rest: `AS ${rest}` }];
const columns = (list: string) => (names: Names) => ({ kind: 'query' as const, sql: `SELECT ${list} FROM v${names.suffix}` });
const risingCount = (names: Names): string => `SELECT coalesce(sum(n), 0) FROM v${names.suffix}`;
const ms = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::bigint`;

/** Groups of rows in order of first appearance. */
function grouped<Row>(rows: readonly Row[], key: (row: Row) => string | number): [string, Row[]][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(String(key(row)));
    if (group === undefined) groups.set(String(key(row)), [row]);
    else group.push(row);
  }
  return [...groups];
}

const sum = (rows: readonly CrashRow[]): number => rows.reduce((total, { v }) => total + v, 0);

const aggregate: Program = {
  name: 'aggregate',
  table: 'none',
  define: (names) => view(names.suffix, `SELECT k, count(*) AS n, sum(v) AS total FROM s${names.suffix} WHERE v % 10 <> 3 GROUP BY k`),
  answer: columns('k, n, total'),
  rising: risingCount,
  expected: ({ rows }) =>
    grouped(
      rows.filter(({ v }) => v % 10 !== 3),
      ({ k }) => k,
    ).map(([k, group]) => `${k}|${group.length}|${sum(group)}`),
};

const tumble: Program = {
  name: 'tumble',
  table: 'none',
  define: (names) =>
    view(
      names.suffix,
      `SELECT k, window_start, count(*) AS n, max(v) AS top FROM TUMBLE(s${names.suffix}, at, INTERVAL '10 seconds') GROUP BY k, window_start, window_end`,
    ),
  answer: columns(`k, ${ms('window_start')}, n, top`),
  rising: risingCount,
  expected: ({ rows }) =>
    grouped(rows, ({ k, timeMs }) => `${k}|${Math.floor(timeMs / WINDOW_MS) * WINDOW_MS}`).map(
      ([window, group]) => `${window}|${group.length}|${Math.max(...group.map(({ v }) => v))}`,
    ),
};

const session: Program = {
  name: 'session',
  table: 'none',
  define: (names) =>
    view(
      names.suffix,
      `SELECT k, window_start, window_end, count(*) AS n
       FROM SESSION(TABLE s${names.suffix} PARTITION BY k, DESCRIPTOR(at), INTERVAL '1' SECOND) GROUP BY k, window_start, window_end`,
    ),
  answer: columns(`k, ${ms('window_start')}, ${ms('window_end')}, n`),
  rising: risingCount,
  expected: ({ rows }) =>
    grouped(rows, ({ k }) => k).flatMap(([k, group]) => {
      const sessions: CrashRow[][] = [];
      for (const row of group) {
        const open = sessions.at(-1);
        if (open !== undefined && row.timeMs - open.at(-1)!.timeMs <= SESSION_GAP_MS) open.push(row);
        else sessions.push([row]);
      }
      return sessions.map((rowsOf) => `${k}|${rowsOf[0]!.timeMs}|${rowsOf.at(-1)!.timeMs + SESSION_GAP_MS}|${rowsOf.length}`);
    }),
};

const join: Program = {
  name: 'join',
  table: 'changes',
  define: ({ suffix }) => view(suffix, `SELECT t.v AS name, count(*) AS n FROM s${suffix} s JOIN t${suffix} t ON t.id = s.k GROUP BY t.v`),
  answer: columns('name, n'),
  rising: risingCount,
  expected: ({ rows, table }) => grouped(rows, ({ k }) => table.get(k)!).map(([name, group]) => `${name}|${group.length}`),
};

const outerJoin: Program = {
  name: 'outer join',
  table: 'comes and goes',
  define: ({ suffix }) =>
    view(suffix, `SELECT s.k, t.v AS name, count(*) AS n FROM s${suffix} s LEFT JOIN t${suffix} t ON t.id = s.v % ${TABLE_IDS} GROUP BY s.k, t.v`),
  answer: columns("k, coalesce(name::text, 'none'), n"),
  rising: risingCount,
  expected: ({ rows, table }) =>
    grouped(rows, ({ k, v }) => `${k}|${table.get(v % TABLE_IDS) ?? 'none'}`).map(([key, group]) => `${key}|${group.length}`),
};

const intervalJoin: Program = {
  name: 'interval join',
  table: 'none',
  define: ({ suffix }) =>
    view(
      suffix,
      `SELECT a.k, count(*) AS n, sum(b.v) AS total FROM s${suffix} a
       JOIN s${suffix} b ON a.k = b.k AND b.at BETWEEN a.at AND a.at + INTERVAL '1 second' GROUP BY a.k`,
    ),
  answer: columns('k, n, total'),
  rising: risingCount,
  expected: ({ rows }) =>
    grouped(rows, ({ k }) => k).map(([k, group]) => {
      // A producer that lost its broker may have sent a row twice: either goes with both.
      const near = group.flatMap((a) => group.filter((b) => b.timeMs >= a.timeMs && b.timeMs <= a.timeMs + NEAR_MS));
      return `${k}|${near.length}|${sum(near)}`;
    }),
};

const topN: Program = {
  name: 'top-n',
  table: 'none',
  define: ({ suffix }) =>
    view(
      suffix,
      `SELECT k, id, v FROM (SELECT k, id, v, row_number() OVER (PARTITION BY k ORDER BY v DESC, id) AS place FROM s${suffix}) ranked WHERE place <= ${PLACES}`,
    ),
  answer: columns('k, id, v'),
  rising: ({ suffix }) => `SELECT coalesce(sum(v), 0) FROM v${suffix}`,
  expected: ({ rows }) =>
    grouped(rows, ({ k }) => k).flatMap(([k, group]) => {
      const ranked = [...group].sort((left, right) => right.v - left.v || left.id - right.id);
      return ranked.slice(0, PLACES).map(({ id, v }) => `${k}|${id}|${v}`);
    }),
};

/** Two ways from one stream to one view, one of them through DISTINCT. */
const diamond: Program = {
  name: 'views on views',
  table: 'none',
  define: ({ suffix }) => [
    { kind: 'MATERIALIZED VIEW', name: `pairs${suffix}`, rest: `AS SELECT DISTINCT k, v % 50 AS w FROM s${suffix}` },
    { kind: 'MATERIALIZED VIEW', name: `counts${suffix}`, rest: `AS SELECT k, count(*) AS n FROM s${suffix} GROUP BY k` },
    {
      kind: 'MATERIALIZED VIEW',
      name: `v${suffix}`,
      rest: `AS SELECT c.k, c.n, p.different FROM counts${suffix} c JOIN (SELECT k, count(*) AS different FROM pairs${suffix} GROUP BY k) p ON p.k = c.k`,
    },
  ],
  answer: columns('k, n, different'),
  rising: risingCount,
  expected: ({ rows }) => grouped(rows, ({ k }) => k).map(([k, group]) => `${k}|${group.length}|${new Set(group.map(({ v }) => v % 50)).size}`),
};

const storedTable: Program = {
  name: 'stored table',
  table: 'comes and goes',
  define: ({ suffix }) => view(suffix, `SELECT id % 3 AS k, count(*) AS n, sum(v) AS total FROM t${suffix} GROUP BY 1`),
  answer: ({ suffix }) => ({ kind: 'query', sql: `SELECT 'view', k, n, total FROM v${suffix} UNION ALL SELECT 'table', id, v, 0 FROM t${suffix}` }),
  rising: null,
  expected: ({ table }) => [
    ...grouped([...table], ([id]) => id % 3).map(([k, group]) => `view|${k}|${group.length}|${group.reduce((total, [, v]) => total + v, 0)}`),
    ...[...table].map(([id, v]) => `table|${id}|${v}|0`),
  ],
};

/** Several clients at the same few rows, of which each knows what it was answered; the last view is compared with its query all the while. */
const accounts: Program = {
  name: 'accounts',
  table: 'accounts',
  define: ({ suffix }) => {
    const view = (name: string, rest: string) => ({ kind: 'MATERIALIZED VIEW' as const, name: `${name}${suffix}`, rest: `AS SELECT ${rest}` });
    return [
      view('held', `id, n, count(*) AS c FROM b${suffix} GROUP BY id, n`),
      view('pairs', `a.id, a.n AS keyed, b.n AS unkeyed FROM a${suffix} a JOIN b${suffix} b ON a.id = b.id`),
      view('v', `sum(n) AS total, count(*) AS c FROM (SELECT n FROM a${suffix} UNION ALL SELECT n FROM b${suffix}) u`),
    ];
  },
  answer: ({ suffix }) => ({
    kind: 'query',
    sql: `SELECT 'held', id, n, c FROM held${suffix} UNION ALL SELECT 'pair', id, keyed, unkeyed FROM pairs${suffix}
          UNION ALL SELECT 'total', c, total, 0 FROM v${suffix}`,
  }),
  rising: null,
  expected: ({ accounts: held }) => {
    const tables = grouped([...held], ([account]) => account.split(' ')[0]!).map(([, rows]) => rows.map(([, n]) => n));
    const [keyed = [], unkeyed = []] = tables;
    const numbers = [...keyed, ...unkeyed];
    return [
      ...unkeyed.map((n, id) => `held|${id}|${n}|1`),
      ...keyed.map((n, id) => `pair|${id}|${n}|${unkeyed[id]}`),
      `total|${numbers.length}|${numbers.reduce((total, n) => total + n, 0)}|0`,
    ];
  },
};

const kafkaOptions = ({ servers, outputTopic }: Names): string =>
  `connector = 'kafka', topic = '${outputTopic}', properties.bootstrap.servers = '${servers}', format = 'json', delivery = 'exactly_once'`;

const exactlyOnce: Program = {
  name: 'exactly-once sink',
  table: 'none',
  define: (names) => [
    { kind: 'SINK', name: `k${names.suffix}`, rest: `WITH (${kafkaOptions(names)}) AS SELECT id, v + 1 AS v FROM s${names.suffix} WHERE v % 4 <> 1` },
  ],
  answer: () => ({ kind: 'records' }),
  rising: null,
  expected: ({ rows }) => rows.filter(({ v }) => v % 4 !== 1).map(({ id, v }) => JSON.stringify({ id, v: v + 1 })),
};

const upsert: Program = {
  name: 'upsert sink',
  table: 'none',
  define: (names) => [
    {
      kind: 'SINK',
      name: `k${names.suffix}`,
      rest: `WITH (${kafkaOptions(names)}, primary_key = 'k') AS SELECT k, count(*) AS n FROM s${names.suffix} GROUP BY k`,
    },
  ],
  answer: () => ({ kind: 'newest records' }),
  rising: null,
  expected: ({ rows }) => grouped(rows, ({ k }) => k).map(([k, group]) => JSON.stringify({ k: Number(k), n: group.length })),
};

const files: Program = {
  name: 'file sink',
  table: 'none',
  define: ({ suffix, folder }) => [
    {
      kind: 'SINK',
      name: `k${suffix}`,
      rest: `WITH (connector = 'filesystem', path = '${folder}', format = 'json') AS SELECT id, k FROM s${suffix} WHERE k <> 5`,
    },
  ],
  answer: () => ({ kind: 'lines' }),
  rising: null,
  expected: ({ rows }) => rows.filter(({ k }) => k !== 5).map(({ id, k }) => JSON.stringify({ id, k })),
};

export const programs: readonly Program[] = [
  ...[aggregate, tumble, session, join, outerJoin, intervalJoin],
  ...[topN, diamond, storedTable, accounts, exactlyOnce, upsert, files],
];
