import { propertiesOf } from './options.ts';
import { connectionOptions, fetcherOptions, producerSettings } from './protocol/index.ts';

/** Whether the client properties can be what they say, without a look at a broker. Errors: 22023 for a name or value there is not, 58P01 for a file that cannot be read. */
export function checkConnection(options: ReadonlyMap<string, string>): void {
  const properties = propertiesOf(options);
  connectionOptions(properties);
  fetcherOptions(properties);
  producerSettings(properties);
}
