import { nearestNames } from '../../base/index.ts';
import type { Hint } from '../../sql/index.ts';
import type { Warn } from './bind-state.ts';

/** Hints behind SELECT that are done as they say, or refused with an error where that cannot be. */
const OWN = ['state_ttl', 'lookup', 'split_distinct', 'partition'];

/** Hints of Flink and Spark that name relations whose rows all go to each subtask of their join. */
export const BROADCAST_HINTS: readonly string[] = ['broadcast', 'broadcastjoin', 'mapjoin'];

/** The hint that asks for what every join with an equality is. */
export const SHUFFLE_HASH = 'shuffle_hash';

/** Hints of Spark that say how rows are sent on, without saying of which relation. */
export const REROUTING_HINTS: readonly string[] = ['rebalance', 'repartition', 'coalesce'];

/** One name of each that there is, for people. */
const DOCUMENTED = [...OWN, BROADCAST_HINTS[0]!].map((name) => name.toUpperCase());

const KNOWN = [...OWN, ...BROADCAST_HINTS, SHUFFLE_HASH, ...REROUTING_HINTS];

/** Hints of other systems for which there is nothing to choose here, and what there is. */
const WITHOUT_EFFECT: ReadonlyMap<string, string> = new Map([
  ...['shuffle_merge', 'merge', 'mergejoin', 'nest_loop', 'shuffle_replicate_nl'].map(
    (name) => [name, 'A join with an equality has both sides hashed by it; BROADCAST(t) has all rows of t at each subtask.'] as const,
  ),
  ['multi_join', 'Each JOIN is an operator of its own.'],
  ['repartition_by_range', "Nothing is sent by ranges; PARTITION('s' = 'hash(column)') sends rows by the hash of a column."],
  ['skew', "PARTITION('s' = 'rebalance') deals rows out to all subtasks, BROADCAST(t) joins rows of the other side where they are."],
]);

/** Reports hints behind SELECT that nobody will look at. Text that some other database understands is no error: to PostgreSQL it is a comment. */
export function reportHints(hints: readonly Hint[], warn: Warn): void {
  for (const { name, foreign, span } of hints) {
    const written = name.text;
    const lower = written.toLowerCase();
    const reason = WITHOUT_EFFECT.get(lower);
    if (foreign !== undefined) {
      const message = `hint comment that begins with "${written}" is not understood and has no effect`;
      warn({ message, hint: "Hints are written NAME(argument, 'key' = 'value'), with commas between them.", position: span.start });
    } else if (reason !== undefined) warn({ message: `hint ${lower.toUpperCase()} has no effect`, hint: reason, position: span.start });
    else if (!KNOWN.includes(lower))
      warn({ message: `hint "${written}" is unknown and has no effect`, hint: suggestion(lower), position: span.start });
  }
}

function suggestion(name: string): string {
  const nearest = nearestNames(name, KNOWN, 1)[0];
  return nearest === undefined ? `Hints are ${DOCUMENTED.join(', ')}.` : `Perhaps you meant ${nearest.toUpperCase()}.`;
}

/** Reports hints behind the name of a relation, none of which has an effect. */
export function reportTableHints(hints: readonly Hint[], warn: Warn): void {
  for (const { name, span } of hints) {
    const isOptions = name.text.toLowerCase() === 'options';
    warn({
      message: `hint ${name.text.toUpperCase()} behind the name of a relation has no effect`,
      hint: isOptions ? 'All who read a relation read it with the options of its CREATE statement.' : 'Hints are written behind SELECT.',
      position: span.start,
    });
  }
}
