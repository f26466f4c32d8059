import { SqlError, SqlState } from '../../base/index.ts';
import type { OptionDefinition } from '../../spi/index.ts';
import type { CreateConnection } from '../../sql/index.ts';
import { CONNECTION, connectionText } from '../connections.ts';
import { checkOptions } from '../ddl/resolve-options.ts';
import { withSecrets } from '../named-values.ts';
import type { StatementContext, StatementHandler } from '../statement-context.ts';
import { createNamedValue } from './named-value-statements.ts';
import { refuseInBlock } from './refuse-in-block.ts';

/** Connectors whose options say apart where a system is and what is read there. */
const TYPES = ['kafka'];

/** CREATE CONNECTION name WITH (type = 'kafka', properties.… = '…') and Materialize's … TO KAFKA (BROKER '…'): relations say connection = name from then on. */
export const createConnection: StatementHandler<'create-connection'> = {
  kind: 'create-connection',
  async execute(statement, context) {
    refuseInBlock(context, 'CREATE CONNECTION');
    await createNamedValue(CONNECTION, statement, context, () => definition(statement, context));
    return { kind: 'command', tag: 'CREATE CONNECTION' };
  },
};

/** Errors: 22023, 42704 for a secret there is not, and those of `checkOptions`. */
function definition({ options, name }: CreateConnection, { definer, engine }: StatementContext): string {
  const typeOption = options.find(({ key }) => key.toLowerCase() === 'type');
  const type = typeOption?.value.text.toLowerCase();
  if (type === undefined || !TYPES.includes(type)) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: type === undefined ? 'a connection needs a type' : `a connection cannot be of type "${type}"`,
      hint: `Types are: ${TYPES.join(', ')}. Other connectors have their addresses in the relation.`,
      position: (typeOption?.value ?? name).span.start,
    });
  }
  const known = engine.registries.connectors.get(type)!.options.filter(isOfConnection);
  const checked = checkOptions(
    options.filter((option) => option !== typeOption),
    known,
    `a connection of type "${type}"`,
  );
  withSecrets(checked, definer.snapshot);
  if (checked.has('properties.bootstrap.servers') || checked.has('properties.bootstrap.server')) return connectionText({ type, options: checked });
  throw new SqlError({
    code: SqlState.invalidParameterValue,
    message: 'a connection needs the addresses of brokers',
    hint: "For example properties.bootstrap.servers = '127.0.0.1:9092'.",
    position: name.span.start,
  });
}

function isOfConnection({ name }: OptionDefinition): boolean {
  return name.startsWith('properties.');
}
