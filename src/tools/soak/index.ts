/**
 * `npm run test:soak`: a real server and a real broker under mixed load for an hour or longer, killed now and then. What is tried: that answers stay right, and that
 * memory, disk, descriptors and threads stay what they are while the load stays what it is.
 *
 * It is no load test: the rate is low enough for a shared machine. Where exactly a kill hits is the matter of ../crash.
 *
 * Laws
 * - Every view of the program has bounded state (soak-statements.ts), so what grows is a leak.
 * - Answers are compared with what was sent and acknowledged, or with their query in one transaction, all the time and behind every kill.
 * - What counts as flat is one rule in one place (flatness.ts).
 *
 * Start reading at soak.ts, then soak-statements.ts and flatness.ts.
 */
export { type SoakOptions, type SoakOutcome, soak } from './soak.ts';
