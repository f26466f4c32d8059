import type { Random } from '../../base/index.ts';
import { oneOf, percent, someOf } from './choose.ts';
import { type ComparedQuery, secondsText } from './many-rows.ts';

/** Seconds of which a row may be older than the newest. */
const WATERMARK_SECONDS = 20;
export const windowedStream = {
  name: 'e',
  columns: 'id int, k int, w bigint, f double precision, t text, at timestamp',
  watermark: `WATERMARK FOR at AS at - INTERVAL '${WATERMARK_SECONDS} seconds'`,
} as const;

const AGGREGATES = [
  'count(*)',
  'sum(w)',
  'min(f)',
  'max(t)',
  'max(w)',
  'count(DISTINCT t)',
  'count(DISTINCT w)',
  'avg(w)',
  'min(id)',
  'count(*) FILTER (WHERE w > 0)',
];
/** The time of the last row: every other window ends before it. */
const LAST = "'2001-01-01'";
const ORIGIN = "TIMESTAMP '1970-01-01'";

/** Rows of the stream, on both sides of 1970: never later than the watermark allows. */
export class WindowedRows {
  readonly #random: Random;
  /** Columns that are NULL in all rows. */
  readonly #missing: readonly string[];
  #seconds = -1800;
  #id = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#missing = percent(random, 60) ? ['k', ...(percent(random, 30) ? ['w'] : [])] : percent(random, 50) ? ['t'] : [];
  }

  values(count: number): string {
    const random = this.#random;
    const pace = oneOf(random, [2, 20, 100]);
    const [noKey, noNumber, noText] = ['k', 'w', 't'].map((column) => this.#missing.includes(column) || percent(random, 15));
    const oneKey = percent(random, 20);
    const keys = oneOf(random, [3, 50, 5000]);
    return Array.from({ length: count }, () => {
      if (percent(random, pace)) this.#seconds += random.nextInt(3);
      const seconds = this.#seconds - random.nextInt(WATERMARK_SECONDS / 2);
      const key = noKey || percent(random, 5) ? 'NULL' : oneKey ? '7' : String(random.nextInt(keys) - 2);
      const number =
        noNumber || percent(random, 5)
          ? 'NULL'
          : oneOf(random, ["'9223372036854775807'", "'-9223372036854775808'", '9007199254740993', String(random.nextInt(1000) - 500)]);
      const float = oneOf(random, ['NULL', "'NaN'", "'-Infinity'", "'-0'", '0', '1.5', '-2.25']);
      const text = noText || percent(random, 5) ? 'NULL' : oneOf(random, ["''", "'é'", "'日本'", `'key ${random.nextInt(keys)}'`]);
      const at = percent(random, 1) ? 'NULL' : `'${secondsText(seconds)}.${String(random.nextInt(1000)).padStart(3, '0')}'`;
      return `(${this.#id++}, ${key}, ${number}, ${float}, ${text}, ${at})`;
    }).join(',');
  }

  /** One row so far ahead that every window before it closes. */
  last(): string {
    return `(${this.#id++}, NULL, NULL, NULL, NULL, ${LAST})`;
  }
}

/** Aggregates of windows, update by update or when they close, and the same with PostgreSQL's own means. */
export class WindowedQueries {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  query(source: string, { onClose }: { readonly onClose: boolean }): ComparedQuery {
    const random = this.#random;
    const columns = someOf(random, ['k', 'w', 't', 'f']).slice(0, 3);
    const aggregates = [...new Set(Array.from({ length: 1 + random.nextInt(4) }, () => oneOf(random, AGGREGATES)))].map(
      (text, index) => `${text} AS c${index}`,
    );
    const { own, postgres, keys } = this.#windows(source, columns);
    const group = [...(percent(random, 25) ? keys : [...new Set([...keys, ...columns])]), 'window_start', 'window_end'].join(', ');
    const ranked = percent(random, 15);
    const text = (windows: string): string => {
      const groups = `SELECT ${group}, ${aggregates.join(', ')} FROM ${windows} GROUP BY ${group}`;
      if (!ranked) return groups;
      return `SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY window_start, window_end ORDER BY c0 DESC, ${group}) AS place FROM (${groups}) AS g) AS r WHERE place <= 3`;
    };
    const compared = text(`(${postgres}) AS x`);
    if (!onClose) return { sql: text(own), postgres: compared, ordered: false, onClose };
    return {
      sql: `${text(own)} EMIT ON WINDOW CLOSE`,
      postgres: `SELECT * FROM (${compared}) AS closed WHERE window_end < ${LAST}`,
      ordered: false,
      onClose,
    };
  }

  #windows(source: string, columns: readonly string[]): { own: string; postgres: string; keys: readonly string[] } {
    const random = this.#random;
    const kind = oneOf(random, ['TUMBLE', 'HOP', 'CUMULATE', 'SESSION', 'SESSION'] as const);
    const step = oneOf(random, [1, 5, 7, 60]);
    const size = step * oneOf(random, [1, 1, 2, 3, 3, 10, 10, 70]);
    const [stepText, sizeText] = [`INTERVAL '${step} seconds'`, `INTERVAL '${size} seconds'`];
    const rows = `SELECT * FROM ${source} WHERE at IS NOT NULL`;
    switch (kind) {
      case 'TUMBLE':
        return {
          own: `TUMBLE(${source}, at, ${sizeText})`,
          postgres: `SELECT e.*, b AS window_start, b + ${sizeText} AS window_end FROM (${rows}) AS e, LATERAL date_bin(${sizeText}, at, ${ORIGIN}) AS b`,
          keys: [],
        };
      case 'HOP':
        return {
          own: `HOP(${source}, at, ${stepText}, ${sizeText})`,
          postgres: `SELECT e.*, b AS window_start, b + ${sizeText} AS window_end FROM (${rows}) AS e, LATERAL (SELECT date_bin(${stepText}, at, ${ORIGIN}) - i * ${stepText} FROM generate_series(0, ${size / step - 1}) AS i) AS s (b)`,
          keys: [],
        };
      case 'CUMULATE':
        return {
          own: `CUMULATE(${source}, at, ${stepText}, ${sizeText})`,
          postgres: `SELECT e.*, b AS window_start, b + i * ${stepText} AS window_end FROM (${rows}) AS e, LATERAL date_bin(${sizeText}, at, ${ORIGIN}) AS b, generate_series(1, ${size / step}) AS i WHERE b + i * ${stepText} > at`,
          keys: [],
        };
      case 'SESSION': {
        const keys = columns;
        const gap = `INTERVAL '${oneOf(random, [1, 4, 30])} seconds'`;
        const by = keys.join(', ');
        const marked = `SELECT *, CASE WHEN at <= lag(at) OVER (PARTITION BY ${by} ORDER BY at, id) + ${gap} THEN 0 ELSE 1 END AS fresh FROM (${rows}) AS e`;
        const numbered = `SELECT *, sum(fresh) OVER (PARTITION BY ${by} ORDER BY at, id) AS session FROM (${marked}) AS m`;
        return {
          own: `SESSION(TABLE ${source} PARTITION BY (${by}), DESCRIPTOR(at), ${gap})`,
          postgres: `SELECT *, min(at) OVER (PARTITION BY ${by}, session) AS window_start, max(at) OVER (PARTITION BY ${by}, session) + ${gap} AS window_end FROM (${numbered}) AS n`,
          keys,
        };
      }
    }
  }
}
