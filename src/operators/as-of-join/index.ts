/**
 * ASOF joins, maintained: each left row with the one right row of its key that is nearest in time, inner and left.
 *
 * Not temporal joins, which never look at a row again: ../temporal-join.
 *
 * Laws
 * - Equals the batch answer at every epoch, under inserts and retractions of both inputs. Net.
 * - Of right rows with the same time the first by its columns from left to right is meant, as the reference executor has it.
 * - A change of a right row costs as many steps as left rows lie between it and the next right row of its key, besides the logarithm of the key's rows.
 * - Where both times are event times a row goes when the watermark has passed it and it can neither change nor be met any more (passed-rows.ts).
 *
 * State: the other rows of both inputs. Start reading at spec.ts, then operator.ts.
 */
export { asOfJoinFactory } from './operator.ts';
export { type AsOfJoinSpec, asOfJoinSpecCodec } from './spec.ts';
