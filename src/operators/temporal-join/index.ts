/**
 * Temporal joins (FOR SYSTEM_TIME AS OF): each left row is joined once, with the version of a table that held at its moment, inner and left.
 *
 * Not ASOF joins, which follow every later change: ../as-of-join.
 *
 * On event time (`version-join.ts`), with b = watermark - lateness
 * - A left row with time t comes out in the epoch in which b passes t, joined with the latest version of its key whose time is not above t. Where the right
 *   input only adds rows, each row is a version, and content at e = the batch answer over both inputs, of left rows with t < b: a function of the
 *   rows and of b, whatever the cuts of epochs. Ties as in ../as-of-join.
 * - Where the right input takes rows back (a table by its key), a row that is replaced by one with a later time stays a version until b has passed that; one
 *   that is replaced by a row with no later time has been corrected and goes; a row that is deleted takes the key's versions with it, for left rows that are
 *   still to come out. A change is what an epoch changes: of two updates of a key in one epoch the last one counts. So content is a function of the recorded
 *   epochs, which are the same after a crash.
 * - Kept: left rows that wait, and of each key the newest version not above b and those above. Rows of a view made later begin with what the table holds then.
 *
 * On processing time (`present-join.ts`)
 * - Content at e = for every epoch i <= e, the left rows of i joined with what the right input holds at the end of i. Later changes of it change nothing.
 *   A function of the order of recorded epochs, so that a replay gives the same.
 * - Kept: the rows of the right input.
 *
 * Both take left rows that are only added, and only add. A left row with NULL as key or time matches nothing and comes out at once.
 *
 * Start reading at spec.ts.
 */
export { temporalJoinFactory } from './operator.ts';
export { type TemporalJoinSpec, temporalJoinSpecCodec } from './spec.ts';
