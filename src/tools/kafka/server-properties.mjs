/**
 * The configuration of a single-node Kafka (broker and controller in one process) that fits a small heap.
 * The cleaner's buffer and the index size are lowered because their defaults alone are larger than the heap.
 */
export function serverProperties({ port, controllerPort, dataDirectory, properties = {}, sasl, tls }) {
  const clients = [`PLAINTEXT://127.0.0.1:${port}`];
  if (sasl !== undefined) clients.push(`SASL_PLAINTEXT://127.0.0.1:${sasl.port}`);
  if (tls !== undefined) clients.push(`SSL://127.0.0.1:${tls.port}`);
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    listeners: `${clients.join(',')},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': clients.join(','),
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': dataDirectory,
    'auto.create.topics.enable': 'false',
    'offsets.topic.num.partitions': '1',
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
    // After a crash the controller waits for the old session to end before it lets the node in again (default 9 s).
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'num.network.threads': '2',
    'num.io.threads': '2',
    'background.threads': '2',
    'log.cleaner.dedupe.buffer.size': '2097152',
    'log.segment.bytes': '67108864',
    'log.index.size.max.bytes': '1048576',
    'message.max.bytes': '20000000',
    ...(sasl === undefined ? {} : saslProperties(sasl)),
    ...(tls === undefined ? {} : { 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': tls.keyStoreFile }),
    ...properties,
  };
  return `${Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}

/** PLAIN users stand here; SCRAM users are written by the format step, see scramArguments. */
function saslProperties({ plainUsers = {} }) {
  const listener = 'listener.name.sasl_plaintext';
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  const users = Object.entries(plainUsers).map(([name, password]) => ` user_${name}="${password}"`);
  return {
    'sasl.enabled.mechanisms': 'SCRAM-SHA-256,SCRAM-SHA-512,PLAIN',
    [`${listener}.scram-sha-256.sasl.jaas.config`]: scram,
    [`${listener}.scram-sha-512.sasl.jaas.config`]: scram,
    [`${listener}.plain.sasl.jaas.config`]: `org.apache.kafka.common.security.plain.PlainLoginModule required${users.join('')};`,
  };
}

/** Arguments of the format step that create the SCRAM users, with both hashes for each. */
export function scramArguments({ scramUsers = {} }) {
  return Object.entries(scramUsers).flatMap(([name, password]) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => ['--add-scram', `${mechanism}=[name=${name},password=${password}]`]),
  );
}
