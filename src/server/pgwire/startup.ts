import { SqlError, SqlState } from '../../base/index.ts';
import { writeNegotiateProtocolVersion } from './backend-messages.ts';
import type { StartupPacket } from './frontend-message.ts';
import type { IncomingMessages } from './incoming-messages.ts';
import type { WireOutput } from './wire-output.ts';

type StartupRequest = Extract<StartupPacket, { kind: 'startup' }>;

/** What the client wants of the new connection. */
export interface ClientRequest {
  readonly user: string;
  readonly database: string;
  readonly settings: ReadonlyMap<string, string>;
}

export type StartupOutcome =
  | { readonly kind: 'open'; readonly request: ClientRequest }
  | { readonly kind: 'cancel'; readonly processId: number; readonly secret: number }
  /** The client went away. */
  | { readonly kind: 'gone' };

/**
 * The start of a connection:
 *
 *   (SSLRequest → 'N')? (GSSENCRequest → 'N')? StartupMessage     ; each request once, in any order
 *   CancelRequest                                                  ; no answer at all
 *
 * A newer minor version of protocol 3 and unknown `_pq_.` options are answered with NegotiateProtocolVersion; the client goes on with 3.0.
 */
export async function receiveStartup(incoming: IncomingMessages, output: WireOutput): Promise<StartupOutcome> {
  const refused = new Set<StartupPacket['kind']>();
  for (;;) {
    const packet = await incoming.nextStartupPacket();
    if (packet === null) return { kind: 'gone' };
    if (packet.kind === 'cancel-request') return { kind: 'cancel', processId: packet.processId, secret: packet.secret };
    if (packet.kind === 'startup') return { kind: 'open', request: acceptRequest(packet, output) };
    if (refused.has(packet.kind)) throw unsupportedVersion(1234, packet.kind === 'ssl-request' ? 5679 : 5680);
    refused.add(packet.kind);
    output.buffer.byte(0x4e);
    output.flush();
  }
}

function acceptRequest(packet: StartupRequest, output: WireOutput): ClientRequest {
  if (packet.majorVersion !== 3) throw unsupportedVersion(packet.majorVersion, packet.minorVersion);
  const unknownOptions = [...packet.parameters.keys()].filter((name) => name.startsWith('_pq_.'));
  if (packet.minorVersion > 0 || unknownOptions.length > 0) writeNegotiateProtocolVersion(output.buffer, unknownOptions);
  const user = packet.parameters.get('user') ?? '';
  if (user === '') {
    throw new SqlError({
      code: SqlState.invalidAuthorizationSpecification,
      message: 'no PostgreSQL user name specified in startup packet',
    });
  }
  refuseReplication(packet.parameters.get('replication'));
  return { user, database: packet.parameters.get('database') || user, settings: startupSettings(packet.parameters) };
}

function unsupportedVersion(major: number, minor: number): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: `unsupported frontend protocol ${major}.${minor}: server supports 3.0 to 3.0`,
  });
}

function refuseReplication(value: string | undefined): void {
  if (value === undefined || ['false', 'off', 'no', '0'].includes(value.toLowerCase())) return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: 'replication connections are not supported',
    hint: 'Use SUBSCRIBE to follow the changes of a relation.',
  });
}

const notSettings = new Set(['user', 'database', 'replication', 'options']);

function startupSettings(parameters: ReadonlyMap<string, string>): Map<string, string> {
  const settings = parseOptions(parameters.get('options') ?? '');
  for (const [name, value] of parameters) {
    if (!notSettings.has(name) && !name.startsWith('_pq_.')) settings.set(name, value);
  }
  return settings;
}

/** Command-line options of a backend: `-c name=value`, `-cname=value`, `--name=value`; a backslash keeps the next character. */
function parseOptions(options: string): Map<string, string> {
  const settings = new Map<string, string>();
  const words = splitWords(options);
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    let assignment = '';
    if (word === '-c') assignment = words[++index] ?? '';
    else if (word.startsWith('--')) assignment = word.slice(2);
    else if (word.startsWith('-c')) assignment = word.slice(2);
    const equals = assignment.indexOf('=');
    if (equals <= 0) {
      throw new SqlError({ code: SqlState.syntaxError, message: `invalid command-line argument for server process: ${word}` });
    }
    const name = word.startsWith('--') ? assignment.slice(0, equals).replaceAll('-', '_') : assignment.slice(0, equals);
    settings.set(name, assignment.slice(equals + 1));
  }
  return settings;
}

function splitWords(options: string): string[] {
  const words: string[] = [];
  let word = '';
  let inWord = false;
  for (let at = 0; at < options.length; at++) {
    const character = options[at]!;
    if (/\s/.test(character)) {
      if (inWord) words.push(word);
      word = '';
      inWord = false;
      continue;
    }
    inWord = true;
    word += character === '\\' && at + 1 < options.length ? options[++at]! : character;
  }
  if (inWord) words.push(word);
  return words;
}
