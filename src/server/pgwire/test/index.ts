/**
 * What the tests of the wire share: a session that knows a handful of texts, a clock that is turned by hand, a client that shows messages.
 *
 * Never part of the product. Start reading at fake-session.ts.
 */
export * from './fake-session.ts';
export { ManualClock } from './manual-clock.ts';
export { WireClient, type WireMessage } from './wire-client.ts';
