import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Clock, type Network, type ServerAddress, SqlError, SqlState, toSqlError } from '../../base/index.ts';
import { violation } from './frame.ts';
import { FRAME_BYTES_MAX, type Frame, FramedConnection } from './framed-connection.ts';

/*
 * Behind the preambles, the side that was called (S) and the caller (C):
 *   S: challenge   32 bytes of S
 *   C: proof       32 bytes of C, HMAC-SHA256(secret, "caller", S's bytes, C's bytes, claims), claims as JSON
 *   S: welcome     HMAC-SHA256(secret, "called", C's bytes, S's bytes, welcome), welcome as JSON
 *      or refusal  {code, message, hint} as JSON
 */
const CHALLENGE = 1;
const PROOF = 2;
const WELCOME = 3;
const REFUSAL = 4;
const NONCE_BYTES = 32;
const MAC_BYTES = 32;
/** For the other side to say who it is. */
const ANSWER_MS_MAX = 3_000;

/** Who this process is. */
export interface Identity {
  /** Shared by all processes of the cluster; empty where everybody who reaches the port may join. */
  readonly secret: Uint8Array;
  readonly cluster: string;
  /** The program's build: operators and state have to be the same everywhere. */
  readonly build: string;
  /** Bytes nobody can foretell. */
  readonly secretBytes: (count: number) => Uint8Array;
}

/** What a caller wants: to offer slots, to bring the bytes of channels from TaskManager `from`, or to bring sessions of clients. */
export type Claims =
  | { readonly purpose: 'slots'; readonly slots: number; readonly address: string }
  | { readonly purpose: 'channels'; readonly from: string; readonly to: string; readonly incarnation: number }
  | { readonly purpose: 'sessions' };

/** What the side that was called says of itself and of the caller. */
export interface Welcome {
  /** The caller's id from now on. */
  readonly id: string;
  readonly incarnation: number;
  readonly heartbeatMs: number;
  readonly heartbeatTimeoutMs: number;
}

interface Introduction {
  readonly cluster: string;
  readonly build: string;
  readonly claims: Claims;
}

/** The called side. `admit` decides on a caller that knows the secret; what it throws is told to the caller. */
export async function receiveCaller(
  link: FramedConnection,
  identity: Identity,
  admit: (claims: Claims) => Welcome,
): Promise<{ readonly claims: Claims; readonly welcome: Welcome }> {
  await link.greeted();
  const own = identity.secretBytes(NONCE_BYTES);
  link.send(CHALLENGE, own);
  const { payload } = expectKind(await link.next(), PROOF);
  try {
    if (payload.length < NONCE_BYTES + MAC_BYTES) throw violation('A proof is too short.');
    const theirs = payload.subarray(0, NONCE_BYTES);
    const text = payload.subarray(NONCE_BYTES + MAC_BYTES);
    const proof = macOf(identity.secret, 'caller', [own, theirs, text]);
    if (!timingSafeEqual(payload.subarray(NONCE_BYTES, NONCE_BYTES + MAC_BYTES), proof)) throw wrongSecret('its secret is wrong');
    const introduction = parse<Introduction>(text);
    compare(identity, introduction);
    const welcome = admit(introduction.claims);
    const answer = encode(welcome);
    link.send(WELCOME, concat(macOf(identity.secret, 'called', [theirs, own, answer]), answer));
    return { claims: introduction.claims, welcome };
  } catch (error) {
    if (error instanceof SqlError) {
      const { code, message, hint } = error;
      link.send(REFUSAL, encode({ code, message, hint }));
    }
    throw error;
  }
}

/**
 * The calling side: connects and says who it is. Errors: 08006 when nobody answers; 28P01, 08P01, 55000 with what the other side says, of class `user` where
 * trying again is of no use.
 */
export async function callPeer(
  network: Network,
  address: ServerAddress,
  introduction: { readonly identity: Identity; readonly claims: Claims; readonly clock: Clock },
): Promise<{ readonly link: FramedConnection; readonly welcome: Welcome }> {
  const connection = await network.connect(address).catch((error: unknown) => {
    throw unreachable(address, error);
  });
  const link = new FramedConnection(connection, FRAME_BYTES_MAX);
  // The kernel accepts connections for a process that is stopped.
  const timer = introduction.clock.after(ANSWER_MS_MAX, () => link.close(noAnswer(link.remote)));
  try {
    return { link, welcome: await introduce(link, introduction.identity, introduction.claims) };
  } catch (error) {
    link.close(toSqlError(error));
    throw error;
  } finally {
    timer.cancel();
  }
}

function unreachable({ host, port }: ServerAddress, error: unknown): SqlError {
  return new SqlError({
    code: SqlState.connectionFailure,
    message: `no process answers at ${host}:${port}`,
    detail: error instanceof Error ? error.message : String(error),
    class: 'external',
    cause: error,
  });
}

function noAnswer(remote: string): SqlError {
  const message = `${remote} did not answer within ${ANSWER_MS_MAX} ms`;
  return new SqlError({ code: SqlState.connectionFailure, message, class: 'external' });
}

async function introduce(link: FramedConnection, identity: Identity, claims: Claims): Promise<Welcome> {
  await link.greeted();
  const { payload: theirs } = expectKind(await link.next(), CHALLENGE);
  const own = identity.secretBytes(NONCE_BYTES);
  const { cluster, build } = identity;
  const text = encode({ cluster, build, claims } satisfies Introduction);
  link.send(PROOF, concat(own, macOf(identity.secret, 'caller', [theirs, own, text]), text));
  const answer = await link.next();
  if (answer.kind === REFUSAL) {
    const { code, message, hint } = parse<{ readonly code: SqlState; readonly message: string; readonly hint?: string }>(answer.payload);
    throw new SqlError({ code, message: `${link.remote} refuses this process: ${message}`, hint, class: 'user' });
  }
  const { payload } = expectKind(answer, WELCOME);
  const welcome = payload.subarray(MAC_BYTES);
  const proof = macOf(identity.secret, 'called', [own, theirs, welcome]);
  if (payload.length < MAC_BYTES || !timingSafeEqual(payload.subarray(0, MAC_BYTES), proof))
    throw wrongSecret(`${link.remote} does not know the secret of this process`);
  return parse<Welcome>(welcome);
}

function compare(identity: Identity, { cluster, build }: Introduction): void {
  if (cluster !== identity.cluster) {
    throw new SqlError({
      code: SqlState.objectNotInPrerequisiteState,
      message: `it belongs to cluster "${cluster}", this one is "${identity.cluster}"`,
      hint: 'Check --jobmanager, or give both the same --cluster.',
    });
  }
  if (build !== identity.build) {
    throw new SqlError({
      code: SqlState.objectNotInPrerequisiteState,
      message: `it runs build ${build}, this one runs build ${identity.build}`,
      hint: 'Run the same build of fsql everywhere.',
    });
  }
}

function wrongSecret(message: string): SqlError {
  return new SqlError({ code: SqlState.invalidPassword, message, hint: 'Give all processes of the cluster the same --secret-file.' });
}

function expectKind(frame: Frame, kind: number): Frame {
  if (frame.kind !== kind) throw violation(`A frame of kind ${frame.kind} came where kind ${kind} was expected.`);
  return frame;
}

/** Lengths of the parts are fixed but for the last, so no two lists of parts give the same bytes. */
function macOf(secret: Uint8Array, side: 'caller' | 'called', parts: readonly Uint8Array[]): Uint8Array {
  const mac = createHmac('sha256', secret).update(`fsql ${side}\n`);
  for (const part of parts) mac.update(part);
  return new Uint8Array(mac.digest());
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function parse<Value>(bytes: Uint8Array): Value {
  return JSON.parse(new TextDecoder().decode(bytes)) as Value;
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
