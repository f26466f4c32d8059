import { SqlError, SqlState } from '../../base/index.ts';
import type { SinkShape } from '../../spi/index.ts';
import { PostgresConnection } from './connection.ts';
import { EpochTable } from './epoch-table.ts';
import { serverOf, tableNameOf } from './options.ts';
import { TargetTable } from './target-table.ts';

/**
 * Whether the table is there and takes what the sink writes. Errors: 22023 for options that do not fit together, 08006 when no server answers, 42P01 and 42703 for
 * what is not there, 42804, 42P10 and 42501 as the server gives them.
 */
export async function checkSink(options: ReadonlyMap<string, string>, { columns, key }: SinkShape): Promise<void> {
  checkType(options.get('type'), key);
  const connection = await PostgresConnection.open(serverOf(options));
  try {
    const name = tableNameOf(options);
    const table = await TargetTable.find(connection, { name, columns, key });
    await table.check();
    await new EpochTable(connection, name.schema, { id: '', name: '' }).create();
  } finally {
    await connection.close();
  }
}

function checkType(type: string | undefined, key: readonly number[] | null): void {
  if (type === 'upsert' && key === null) throw mismatch("type = 'upsert' needs a key", "Name its columns with primary_key = '…'.");
  if (type === 'append-only' && key !== null) throw mismatch("type = 'append-only' takes no key", 'Leave primary_key out, or the type.');
}

function mismatch(message: string, hint: string): SqlError {
  return new SqlError({ code: SqlState.invalidParameterValue, message, hint });
}
