import { consoleLogger } from '../../base/adapters/console-logger.ts';
import { systemClock } from '../../base/adapters/system-clock.ts';
import { systemRandom } from '../../base/adapters/system-random.ts';
import { FrontEndProcess } from '../../cluster/index.ts';
import { Relay, relayedHttp, relayedSql } from '../../server/index.ts';
import { addressesOf, type ClusterProcessOptions, identityOf, networkOf } from '../cluster-options.ts';

export interface FrontEndOptions extends ClusterProcessOptions {
  readonly jobmanager: string;
  readonly host: string;
  readonly port: number;
  readonly httpPort: number;
  readonly version: string;
}

/** `fsql serve --jobmanager`: ports for clients of the JobManager that leads, until `stop`. */
export async function runFrontEnd(options: FrontEndOptions, stop: () => Promise<void>): Promise<void> {
  const { host, port, httpPort, version } = options;
  const clock = systemClock;
  const sql = new Relay({ address: { host, port }, protocol: relayedSql(clock), clock });
  const http = new Relay({ address: { host, port: httpPort }, protocol: relayedHttp, clock });
  const frontEnd = new FrontEndProcess({
    network: networkOf(options),
    clock,
    random: systemRandom(),
    logger: consoleLogger('info'),
    identity: identityOf(options, version),
    jobManagers: addressesOf(options.jobmanager, '--jobmanager'),
    changed: (leader) => {
      sql.lead(leader?.sql ?? null);
      http.lead(leader?.http ?? null);
    },
  });
  const listening = await sql.listen();
  try {
    const httpListening = await http.listen();
    const following = frontEnd.run();
    process.stdout.write(
      `fsql ready: postgres://fsql@${host}:${listening}/fsql http://${host}:${httpListening} (${Math.round(process.uptime() * 1000)} ms)\n`,
    );
    await Promise.race([following, stop()]);
    frontEnd.close();
    await following;
  } finally {
    await http.close();
    await sql.close();
  }
}
