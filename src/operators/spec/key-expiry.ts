import type { Json } from '../../jobgraph/index.ts';
import type { SpecReader } from './spec-reader.ts';

/** What is kept under a key is done for once the key's time in `column` is below the clock minus `latenessMicros`: nothing reaches it any more. */
export interface KeyExpiry {
  readonly column: number;
  readonly clock: 'watermark' | 'epoch';
  readonly latenessMicros: bigint;
}

export function keyExpiryJson(expiry: KeyExpiry | null): Json {
  return expiry === null ? null : { ...expiry, latenessMicros: String(expiry.latenessMicros) };
}

export function keyExpiryFromJson(reader: SpecReader, name: string): KeyExpiry | null {
  return reader.nullable(name, () => {
    const expiry = reader.object(name);
    return {
      column: expiry.integer('column'),
      clock: expiry.choice('clock', ['watermark', 'epoch']),
      latenessMicros: expiry.bigint('latenessMicros'),
    };
  });
}
