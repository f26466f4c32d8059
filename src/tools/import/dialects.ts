/** How a dialect differs where its words are the same as ours. */
export interface ImportDialect {
  /** `/` of whole numbers gives a fraction. */
  readonly fractionalDivision: boolean;
  /** `||` is OR. */
  readonly barsAreOr: boolean;
  /** Where NULLs come without NULLS FIRST or LAST. */
  readonly nulls: 'smallest' | 'largest' | 'last';
  /** A backslash in a string escapes. */
  readonly backslashEscapes: boolean;
  /** Double quotes hold strings, not names. */
  readonly doubleQuotedStrings: boolean;
}

const plain: ImportDialect = { fractionalDivision: false, barsAreOr: false, nulls: 'largest', backslashEscapes: false, doubleQuotedStrings: false };
const mysql: ImportDialect = { fractionalDivision: true, barsAreOr: true, nulls: 'smallest', backslashEscapes: true, doubleQuotedStrings: true };

/** The dialects that can be imported, by the name of node-sql-parser. */
export const importDialects: Readonly<Record<string, ImportDialect>> = {
  mysql,
  mariadb: mysql,
  bigquery: { ...mysql, barsAreOr: false },
  hive: { ...mysql, barsAreOr: false },
  snowflake: { ...plain, fractionalDivision: true, backslashEscapes: true },
  transactsql: { ...plain, nulls: 'smallest' },
  redshift: plain,
  db2: plain,
  sqlite: { ...plain, nulls: 'smallest' },
  trino: { ...plain, nulls: 'last' },
  athena: { ...plain, nulls: 'last' },
};
