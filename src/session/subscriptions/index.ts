/**
 * What SUBSCRIBE and SELECT … EMIT CHANGES give: the changes of a relation epoch by epoch, and the shapes (envelopes) they are written in.
 *
 * Knows nothing of statements; the cluster keeps and orders the changes.
 *
 * Start reading at change-feed.ts.
 */
export { type Feed, type FeedEvent, type FeedOptions, openFeed } from './change-feed.ts';
export { type Envelope, keyedEnvelope, orderedEnvelope, plainEnvelope } from './envelope.ts';
export { SubscriptionCursor } from './subscription-cursor.ts';
