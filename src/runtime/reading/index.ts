/**
 * Readers of relations beside the dataflow: consumers that catch up with a materialised relation, subscriptions.
 *
 * Law: a reader never changes what the live edges see, nor when.
 *
 * Start reading at relation-catch-up.ts.
 */
export { type CatchUpProgress, RelationCatchUp } from './relation-catch-up.ts';
export { type ChangesFrom, SubscriptionTap } from './subscription-tap.ts';
