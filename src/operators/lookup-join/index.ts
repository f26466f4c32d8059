/**
 * Lookup joins: each left row is joined once, with what a table of another system has for its key in the epoch in which the row comes, inner and left.
 *
 * Not temporal joins, whose right side is a relation of ours and an input: ../temporal-join. Speaks no protocol: a connector's `lookup` does.
 *
 * Laws
 * - In an epoch a key is looked up once at most: rows of one epoch see one answer. With a cache the answer may be that of an earlier epoch, as old as
 *   the cache's limits (epoch time) allow.
 * - The rows of an epoch wait for its barrier, and the barrier for the answers: nothing of an epoch is known before all of it is, so the next
 *   epochs wait in the channels, where credit bounds them, and a checkpoint never falls between question and answer. With the hint LOOKUP it waits for as
 *   many pauses as the hint says where a key has no row.
 * - A row that goes takes with it what it brought. An equal row that is there already has been looked up: its copies have its rows.
 *
 * State
 * - Of left rows that may be taken back: the row, how often it is there, and what was found (recorded-rows.ts). The other side may say something else by then,
 *   or nothing.
 * - Of left rows that are only added: nothing. What has been emitted is never asked for again; everything behind this operator that may be needed after
 *   a crash is in the state of who keeps it, at the same checkpoint. Epochs behind that checkpoint are made anew from their recorded inputs and looked up anew:
 *   the law (a view is its query over its inputs) does not reach into the other system, and what the other side said in between is nowhere but in those epochs, whose results,
 *   views and sinks alike, are thrown away with them. So a view is always one answer to each row, and what an exactly-once sink or a read at `read_level = durable`
 *   has shown stays; a read of the newest epoch may show another answer after the crash than before.
 *
 * Errors of the other side that may pass are met with further attempts (`lookup.max-retries`), then the job fails with them and begins again by its restart strategy.
 * A value that is none of the declared type is an error of the left row (`on_row_error`).
 *
 * Start reading at spec.ts, then operator.ts.
 */
export { lookupJoinFactory } from './operator.ts';
export { type LookupJoinSpec, lookupJoinSpecCodec } from './spec.ts';
