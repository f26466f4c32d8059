import type { RelayedProtocol } from './relayed-protocol.ts';

const BODY = JSON.stringify({ error: { code: '57P03', message: 'no JobManager leads just now' } });

/** HTTP: bytes go through as they are. */
export const relayedHttp: RelayedProtocol = {
  option: '--http-port',
  opening: async () => new Uint8Array(0),
  refusal: () =>
    new TextEncoder().encode(
      `HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\nRetry-After: 1\r\nConnection: close\r\n\r\n${BODY}`,
    ),
  follow: () => ({ take: () => undefined, farewell: () => null }),
};
