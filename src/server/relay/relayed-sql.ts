import type { Socket } from 'node:net';
import { type Clock, SqlError, SqlState } from '../../base/index.ts';
import { fatalResponse } from '../pgwire/index.ts';
import type { Follower, RelayedProtocol } from './relayed-protocol.ts';

/*
 * What a client begins with: (SSLRequest | GSSENCRequest, each answered 'N')* then StartupMessage or CancelRequest, all of int32 length, int32 code.
 * Behind the StartupMessage the server sends messages of byte1 type, int32 length, nothing else.
 */
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const HEADER_BYTES = 8;
/** As PostgreSQL's MAX_STARTUP_PACKET_LENGTH. */
const PACKET_BYTES_MAX = 10_000;
const REQUESTS_MAX = 2;
const OPENING_MS_MAX = 60_000;
const ERROR_RESPONSE = 0x45;

/** The PostgreSQL protocol. */
export function relayedSql(clock: Clock): RelayedProtocol {
  return {
    option: '--port',
    opening: (client) => opening(client, clock),
    refusal: () => fatalResponse(nobodyLeads()),
    follow: () => new MessageFollower(),
  };
}

function opening(client: Socket, clock: Clock): Promise<Uint8Array | null> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    let requests = 0;
    const done = (result: Uint8Array | null): void => {
      timer.cancel();
      client.off('data', take).off('end', gone).off('close', gone);
      client.pause();
      resolve(result);
    };
    const gone = (): void => done(null);
    const take = (more: Buffer): void => {
      bytes = Buffer.concat([bytes, more]);
      let packet = packetAt(bytes);
      for (; packet === 'request' && ++requests <= REQUESTS_MAX; packet = packetAt(bytes)) {
        client.write('N');
        bytes = bytes.subarray(HEADER_BYTES);
      }
      if (packet === 'begins') done(bytes);
      else if (packet !== 'incomplete') done(null);
    };
    const timer = clock.after(OPENING_MS_MAX, gone);
    client.on('data', take).once('end', gone).once('close', gone);
    client.resume();
  });
}

function packetAt(bytes: Buffer): 'incomplete' | 'request' | 'begins' | 'wrong' {
  if (bytes.length < HEADER_BYTES) return 'incomplete';
  const length = bytes.readInt32BE(0);
  const code = bytes.readInt32BE(4);
  if (length < HEADER_BYTES || length > PACKET_BYTES_MAX) return 'wrong';
  if (code === SSL_REQUEST || code === GSS_REQUEST) return length === HEADER_BYTES ? 'request' : 'wrong';
  return bytes.length < length ? 'incomplete' : 'begins';
}

/** Knows where a message ends, so that another one can be put behind it. */
class MessageFollower implements Follower {
  readonly #header = Buffer.alloc(5);
  #headerBytes = 0;
  /** Bytes of the present message that are still to come. */
  #rest = 0;

  take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#rest > 0) {
        const taken = Math.min(this.#rest, bytes.length - at);
        this.#rest -= taken;
        at += taken;
        continue;
      }
      if (this.#headerBytes === this.#header.length) this.#headerBytes = 0;
      this.#header[this.#headerBytes++] = bytes[at++]!;
      if (this.#headerBytes === this.#header.length) this.#rest = this.#header.readInt32BE(1) - 4;
    }
  }

  farewell(): Uint8Array | null {
    const between = this.#rest === 0 && (this.#headerBytes === 0 || this.#headerBytes === this.#header.length);
    // A server that ends a connection has said why.
    const told = this.#headerBytes > 0 && this.#header[0] === ERROR_RESPONSE;
    return between && !told ? fatalResponse(leaderGone()) : null;
  }
}

function nobodyLeads(): SqlError {
  return new SqlError({
    code: SqlState.cannotConnectNow,
    message: 'no JobManager leads just now',
    hint: 'Try again: a standby takes over within seconds. If there is none, start a JobManager at an address of --jobmanager.',
  });
}

function leaderGone(): SqlError {
  return new SqlError({
    code: SqlState.adminShutdown,
    message: 'terminating connection because the JobManager of this session is gone',
    detail: 'What was acknowledged is there. Whether a statement that was under way took effect is not known.',
    hint: 'Connect again: the front end goes to the JobManager that leads.',
  });
}
