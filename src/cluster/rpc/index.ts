/**
 * How processes of a cluster talk: checksummed, versioned frames over a connection, an introduction by a shared secret, messages of plain data with
 * heartbeats.
 *
 * Knows neither jobs nor channels. Bytes from outside are checked before memory is reserved for them, and end a connection at worst.
 *
 * Start reading at frame.ts, then handshake.ts, message-link.ts.
 */
export { FrameBuilder, violation } from './frame.ts';
export { FRAME_BYTES_MAX, type FramedConnection } from './framed-connection.ts';
export { type Claims, callPeer, type Identity, type Welcome } from './handshake.ts';
export { MessageLink } from './message-link.ts';
export { RpcServer } from './rpc-server.ts';
