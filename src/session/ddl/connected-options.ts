import { nearestNames, SqlError, SqlState } from '../../base/index.ts';
import type { CatalogSnapshot } from '../../catalog/index.ts';
import type { WithOption } from '../../sql/index.ts';
import { CONNECTION, findConnection } from '../connections.ts';
import { namedValues } from '../named-values.ts';

/**
 * WITH (connection = name, …) as options that are resolved: the connector is that of the connection unless one is named, too. Errors: 42704, and 22023 for a connection of another
 * connector.
 */
export function connectedOptions(options: readonly WithOption[], snapshot: CatalogSnapshot): readonly WithOption[] {
  const option = options.find(({ key }) => key.toLowerCase() === CONNECTION);
  if (option === undefined) return options;
  const name = option.value.text.toLowerCase();
  const found = findConnection(name, snapshot);
  if (found === null) {
    const known = namedValues(CONNECTION, snapshot).map(([one]) => one);
    const nearest = nearestNames(name, known, 1)[0];
    throw new SqlError({
      code: SqlState.undefinedObject,
      message: `connection "${name}" does not exist`,
      hint: nearest === undefined ? "CREATE CONNECTION name WITH (type = 'kafka', …) makes one." : `Perhaps you meant "${nearest}".`,
      position: option.value.span.start,
    });
  }
  const folded = options.map((one) => (one === option ? { ...one, value: { ...one.value, text: name } } : one));
  const connector = options.find(({ key }) => ['connector', 'kafka_topic'].includes(key.toLowerCase()));
  if (connector === undefined) return [...folded, { ...option, key: 'connector', value: { ...option.value, form: 'string', text: found.type } }];
  const wanted = connector.key.toLowerCase() === 'kafka_topic' ? 'kafka' : connector.value.text.toLowerCase();
  // Another way to read the same brokers.
  if (wanted === found.type || wanted === `upsert-${found.type}`) return folded;
  throw new SqlError({
    code: SqlState.invalidParameterValue,
    message: `connection "${name}" is one of connector "${found.type}", not "${wanted}"`,
    position: option.value.span.start,
  });
}
