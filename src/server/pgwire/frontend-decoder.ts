import { SqlError, SqlState, toSqlError } from '../../base/index.ts';
import type { BindMessage, FormatCode, FrontendMessage, StartupPacket } from './frontend-message.ts';
import { FrontendCode, LARGE_MESSAGE_BYTES_MAX, SMALL_MESSAGE_BYTES_MAX, STARTUP_PACKET_BYTES_MAX, StartupCode } from './message-code.ts';
import { PayloadReader } from './payload-reader.ts';

/** The connection cannot go on after this error: the border of the next message is unknown. */
export class FramingError extends SqlError {}

/** Cuts the client's bytes into messages. Give bytes with `push`, take messages until null (more bytes are needed). */
export class FrontendDecoder {
  #chunks: Uint8Array[] = [];
  #buffered = 0;

  get bufferedBytes(): number {
    return this.#buffered;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#buffered += bytes.length;
  }

  /** Whether a whole message, or an error, is there to be taken. */
  get hasMessage(): boolean {
    if (this.#buffered < 5) return false;
    const length = readUint32(this.#peek(5), 1);
    return length < 4 || length > LARGE_MESSAGE_BYTES_MAX || this.#buffered >= length + 1;
  }

  /** A message with a broken inside comes as `broken` and is used up; a broken length throws FramingError. */
  nextMessage(): FrontendMessage | null {
    if (this.#buffered < 5) return null;
    const head = this.#peek(5);
    const code = head[0]!;
    const length = readUint32(head, 1);
    checkLength(code, length);
    if (this.#buffered < length + 1) return null;
    const message = this.#take(length + 1);
    try {
      return decodeMessage(code, message.subarray(5));
    } catch (error) {
      const simple = code === FrontendCode.query || code === FrontendCode.functionCall;
      return { kind: 'broken', simple, error: toSqlError(error) };
    }
  }

  nextStartupPacket(): StartupPacket | null {
    if (this.#buffered < 4) return null;
    const length = readUint32(this.#peek(4), 0);
    if (length < 8 || length > STARTUP_PACKET_BYTES_MAX) {
      throw new FramingError({ code: SqlState.protocolViolation, message: 'invalid length of startup packet' });
    }
    if (this.#buffered < length) return null;
    return decodeStartup(this.#take(length).subarray(4));
  }

  #peek(count: number): Uint8Array {
    if (this.#chunks[0]!.length < count) this.#join(count);
    return this.#chunks[0]!;
  }

  #take(count: number): Uint8Array {
    if (this.#chunks[0]!.length < count) this.#join(count);
    const first = this.#chunks[0]!;
    if (first.length === count) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(count);
    this.#buffered -= count;
    return first.subarray(0, count);
  }

  /** Copies as many chunks together as hold `count` bytes. Each byte is copied at most twice: for the header and for the message. */
  #join(count: number): void {
    let total = 0;
    let used = 0;
    while (total < count) total += this.#chunks[used++]!.length;
    const joined = new Uint8Array(total);
    let at = 0;
    for (const chunk of this.#chunks.splice(0, used)) {
      joined.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks.unshift(joined);
  }
}

function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

function checkLength(code: number, length: number): void {
  const limit = lengthLimits.get(code);
  if (limit === undefined) {
    throw new FramingError({ code: SqlState.protocolViolation, message: `invalid frontend message type ${code}` });
  }
  if (length < 4 || length - 4 > limit) throw new FramingError({ code: SqlState.protocolViolation, message: 'invalid message length' });
}

const lengthLimits: ReadonlyMap<number, number> = new Map([
  [FrontendCode.bind, LARGE_MESSAGE_BYTES_MAX],
  [FrontendCode.close, SMALL_MESSAGE_BYTES_MAX],
  [FrontendCode.copyData, LARGE_MESSAGE_BYTES_MAX],
  [FrontendCode.copyDone, SMALL_MESSAGE_BYTES_MAX],
  [FrontendCode.copyFail, SMALL_MESSAGE_BYTES_MAX],
  [FrontendCode.describe, SMALL_MESSAGE_BYTES_MAX],
  [FrontendCode.execute, SMALL_MESSAGE_BYTES_MAX],
  [FrontendCode.flush, SMALL_MESSAGE_BYTES_MAX],
  [FrontendCode.functionCall, LARGE_MESSAGE_BYTES_MAX],
  [FrontendCode.parse, LARGE_MESSAGE_BYTES_MAX],
  [FrontendCode.password, SMALL_MESSAGE_BYTES_MAX],
  [FrontendCode.query, LARGE_MESSAGE_BYTES_MAX],
  [FrontendCode.sync, SMALL_MESSAGE_BYTES_MAX],
  [FrontendCode.terminate, SMALL_MESSAGE_BYTES_MAX],
]);

function decodeMessage(code: number, payload: Uint8Array): FrontendMessage {
  if (code === FrontendCode.copyData) return { kind: 'copy-data', bytes: payload };
  const reader = new PayloadReader(payload);
  const message = decodePayload(code, reader);
  if (message.kind !== 'password' && message.kind !== 'function-call') reader.end();
  return message;
}

function decodePayload(code: number, reader: PayloadReader): FrontendMessage {
  switch (code) {
    case FrontendCode.query:
      return { kind: 'query', text: reader.text() };
    case FrontendCode.parse:
      return { kind: 'parse', name: reader.text(), text: reader.text(), parameterOids: repeat(reader.uint16(), () => reader.uint32()) };
    case FrontendCode.bind:
      return decodeBind(reader);
    case FrontendCode.describe:
      return { kind: 'describe', target: decodeTarget(reader, 'DESCRIBE'), name: reader.text() };
    case FrontendCode.close:
      return { kind: 'close', target: decodeTarget(reader, 'CLOSE'), name: reader.text() };
    case FrontendCode.execute:
      return { kind: 'execute', portal: reader.text(), rowsMax: Math.max(0, reader.int32()) };
    case FrontendCode.copyDone:
      return { kind: 'copy-done' };
    case FrontendCode.copyFail:
      return { kind: 'copy-fail', reason: reader.text() };
    case FrontendCode.flush:
      return { kind: 'flush' };
    case FrontendCode.sync:
      return { kind: 'sync' };
    case FrontendCode.terminate:
      return { kind: 'terminate' };
    case FrontendCode.functionCall:
      return { kind: 'function-call' };
    default:
      return { kind: 'password' };
  }
}

function decodeTarget(reader: PayloadReader, command: string): 'statement' | 'portal' {
  const target = reader.byte();
  if (target === 0x53) return 'statement';
  if (target === 0x50) return 'portal';
  throw new SqlError({ code: SqlState.protocolViolation, message: `invalid ${command} message subtype ${target}` });
}

function decodeBind(reader: PayloadReader): BindMessage {
  const portal = reader.text();
  const statement = reader.text();
  const parameterFormats = repeat(reader.uint16(), () => decodeFormat(reader.int16()));
  const parameters = repeat(reader.uint16(), () => {
    const length = reader.int32();
    return length === -1 ? null : reader.bytes(length);
  });
  const resultFormats = repeat(reader.uint16(), () => decodeFormat(reader.int16()));
  if (parameterFormats.length > 1 && parameterFormats.length !== parameters.length) {
    throw new SqlError({
      code: SqlState.protocolViolation,
      message: `bind message has ${parameterFormats.length} parameter formats but ${parameters.length} parameters`,
    });
  }
  return { kind: 'bind', portal, statement, parameterFormats, parameters, resultFormats };
}

function decodeFormat(code: number): FormatCode {
  if (code === 0 || code === 1) return code;
  throw new SqlError({ code: SqlState.invalidParameterValue, message: `unsupported format code: ${code}` });
}

function repeat<Item>(count: number, read: () => Item): Item[] {
  const items: Item[] = [];
  for (let index = 0; index < count; index++) items.push(read());
  return items;
}

function decodeStartup(payload: Uint8Array): StartupPacket {
  const reader = new PayloadReader(payload);
  const code = reader.uint32();
  switch (code) {
    case StartupCode.sslRequest:
      return { kind: 'ssl-request' };
    case StartupCode.gssEncryptionRequest:
      return { kind: 'gss-encryption-request' };
    case StartupCode.cancelRequest:
      return { kind: 'cancel-request', processId: reader.uint32(), secret: reader.uint32() };
    default:
      return { kind: 'startup', majorVersion: code >>> 16, minorVersion: code & 0xffff, parameters: decodeParameters(reader, code >>> 16) };
  }
}

/** name:string value:string … then a zero byte. Only version 3 is known to look so. */
function decodeParameters(reader: PayloadReader, majorVersion: number): Map<string, string> {
  const parameters = new Map<string, string>();
  if (majorVersion !== 3) return parameters;
  for (;;) {
    const name = reader.text();
    if (name === '') break;
    parameters.set(name, reader.text());
  }
  if (reader.remaining !== 0) {
    throw new FramingError({ code: SqlState.protocolViolation, message: 'invalid startup packet layout: expected terminator as last byte' });
  }
  return parameters;
}
