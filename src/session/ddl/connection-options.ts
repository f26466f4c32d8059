import { SqlError, SqlState } from '../../base/index.ts';
import type { WithOption } from '../../sql/index.ts';
import type { Connection } from '../connections.ts';
import { withSecrets } from '../named-values.ts';
import type { StatementContext } from '../statement-context.ts';
import { checkOptions } from './resolve-options.ts';

const SERVERS = 'properties.bootstrap.servers';

/** Options of a connection under the names they are kept by. Errors: those of `checkOptions`. */
export function connectionOptions(type: string, written: readonly WithOption[], { engine }: StatementContext): Map<string, string> {
  const known = engine.registries.connectors.get(type)!.options.filter(({ name }) => name.startsWith('properties.'));
  const named = written.map((option) => ({ ...option, key: connectionKey(option.key) }));
  return checkOptions(named, known, `a connection of type "${type}"`);
}

/** RisingWave says bootstrap.server. */
export function connectionKey(key: string): string {
  return key.toLowerCase() === 'properties.bootstrap.server' ? SERVERS : key;
}

/**
 * Nothing: the connection could be used. Errors: 22023 without servers and for a property that no client takes, with the place of the option it names or `position`; 42704 for a
 * secret there is not.
 */
export async function checkedConnection(
  { type, options }: Connection,
  { written, position }: { readonly written: readonly WithOption[]; readonly position: number },
  { definer, engine }: StatementContext,
): Promise<void> {
  if (!options.has(SERVERS)) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: 'a connection needs the addresses of brokers',
      hint: "For example properties.bootstrap.servers = '127.0.0.1:9092'.",
      position,
    });
  }
  const values = withSecrets(options, definer.snapshot);
  try {
    await engine.registries.connectors.get(type)!.checkConnection!(values);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const option = written.find(({ key }) => error.message.includes(`"${connectionKey(key)}"`));
    throw error.with({ position: option?.span.start ?? position });
  }
}
