import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

/** One request type at the version this client speaks; all of them are offered by Kafka 2.4 up to 4.x. */
export interface Api {
  readonly key: number;
  readonly name: string;
  readonly version: number;
}

/** Every answer may ask the client to slow down (KIP-219). */
export interface ThrottledAnswer {
  readonly throttleTimeMs: number;
}

/** A request that knows how to write itself and how to read its answer. */
export interface ProtocolRequest<Answer extends ThrottledAnswer> {
  readonly api: Api;
  encode(writer: WireWriter): void;
  decode(reader: WireReader): Answer;
}
