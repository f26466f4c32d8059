/**
 * How processes of a cluster talk: checksummed, versioned frames over a connection, an introduction by a shared secret, messages of plain data with
 * heartbeats, and the search for the JobManager that leads.
 *
 * Knows neither jobs nor channels. Bytes from outside are checked before memory is reserved for them, and end a connection at worst.
 *
 * Start reading at frame.ts, then handshake.ts, message-link.ts, leader-search.ts.
 */
export { FrameBuilder, violation } from './frame.ts';
export { FRAME_BYTES_MAX, type FramedConnection } from './framed-connection.ts';
export { type Claims, callPeer, type Identity, type Welcome } from './handshake.ts';
export { LeaderSearch, type LeaderSearchOptions, type Member } from './leader-search.ts';
export { MessageLink } from './message-link.ts';
export { RpcServer } from './rpc-server.ts';
