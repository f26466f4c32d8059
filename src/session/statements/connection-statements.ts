import { SqlError, SqlState } from '../../base/index.ts';
import type { CreateConnection } from '../../sql/index.ts';
import { CONNECTION, connectionText } from '../connections.ts';
import { checkedConnection, connectionOptions } from '../ddl/connection-options.ts';
import type { StatementContext, StatementHandler } from '../statement-context.ts';
import { createNamedValue } from './named-value-statements.ts';
import { refuseInBlock } from './refuse-in-block.ts';

/** CREATE CONNECTION name WITH (type = 'kafka', properties.… = '…') and Materialize's … TO KAFKA (BROKER '…'): relations say connection = name from then on. */
export const createConnection: StatementHandler<'create-connection'> = {
  kind: 'create-connection',
  async execute(statement, context) {
    refuseInBlock(context, 'CREATE CONNECTION');
    await createNamedValue(CONNECTION, statement, context, () => definition(statement, context));
    return { kind: 'command', tag: 'CREATE CONNECTION' };
  },
};

/** Errors: 22023, and those of its options. */
async function definition({ options, name }: CreateConnection, context: StatementContext): Promise<string> {
  const { connectors } = context.engine.registries;
  const typeOption = options.find(({ key }) => key.toLowerCase() === 'type');
  const type = typeOption?.value.text.toLowerCase();
  if (type === undefined || connectors.get(type)?.checkConnection === undefined) {
    const types = connectors.all().filter((one) => one.checkConnection !== undefined && one.changesByKey !== true);
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: type === undefined ? 'a connection needs a type' : `a connection cannot be of type "${type}"`,
      hint: `Types are: ${types.map((one) => one.name).join(', ')}. Other connectors have their addresses in the relation.`,
      position: (typeOption?.value ?? name).span.start,
    });
  }
  const written = options.filter((option) => option !== typeOption);
  const connection = { type, options: connectionOptions(type, written, context) };
  await checkedConnection(connection, { written, position: name.span.start }, context);
  return connectionText(connection);
}
