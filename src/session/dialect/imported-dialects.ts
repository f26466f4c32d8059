/** Dialects with a grammar that is not ours: their statements are imported, one at a time, before anything here sees them. */
export const importedDialects: readonly string[] = [
  'mysql',
  'mariadb',
  'bigquery',
  'hive',
  'snowflake',
  'transactsql',
  'redshift',
  'db2',
  'sqlite',
  'trino',
  'athena',
];
