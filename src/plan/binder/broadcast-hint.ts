import type { FromItem, Hint, HintArgument, Select } from '../../sql/index.ts';
import { type LogicalPlan, withBroadcast } from '../logical/index.ts';
import { type QueryEnvironment, warnOf } from './bind-state.ts';
import { hintArguments, nameOfItem } from './hint-arguments.ts';
import { JoinPlaces } from './join-places.ts';
import { BROADCAST_HINTS, SHUFFLE_HASH } from './known-hints.ts';

/**
 * BROADCAST(t, …) of a SELECT: all rows of t go to each subtask of its join, so that the other side's stay where they are. SHUFFLE_HASH(t, …) asks for what joins do anyway.
 * What cannot be done is reported, not refused: other systems have these hints, too.
 */
export class BroadcastHint {
  readonly #broadcast: readonly HintArgument[];
  readonly #unnamed: Map<HintArgument, string>;
  readonly #names: string[] = [];
  readonly #places: JoinPlaces;
  readonly #environment: QueryEnvironment;
  readonly #empty: readonly Hint[];

  constructor({ hints, from }: Pick<Select, 'hints' | 'from'>, environment: QueryEnvironment) {
    this.#broadcast = BROADCAST_HINTS.flatMap((name) => hintArguments(hints, name));
    this.#unnamed = new Map([...BROADCAST_HINTS, SHUFFLE_HASH].flatMap((name) => hintArguments(hints, name).map((one) => [one, name] as const)));
    this.#places = new JoinPlaces(from, { joinedOutside: environment.outer !== null });
    this.#environment = environment;
    const names = [...BROADCAST_HINTS, SHUFFLE_HASH];
    this.#empty = hints.filter(
      ({ name, foreign, arguments: all }) => foreign === undefined && all.length === 0 && names.includes(name.text.toLowerCase()),
    );
  }

  /** The plan of an item of FROM with its hint. */
  apply(item: FromItem, plan: LogicalPlan): LogicalPlan {
    const name = nameOfItem(item);
    if (name === null || this.#unnamed.size + this.#broadcast.length === 0) return plan;
    this.#names.push(name);
    const isMeant = ({ value }: HintArgument): boolean => value.split('.').at(-1)!.toLowerCase() === name.toLowerCase();
    for (const argument of this.#unnamed.keys()) if (isMeant(argument)) this.#unnamed.delete(argument);
    const found = this.#broadcast.find(isMeant);
    if (found === undefined) return plan;
    const { state } = this.#environment;
    const refusal = this.#places.refusal(item);
    const marked = refusal === null ? withBroadcast(plan, [...state.viewStack, item.span.start].join('.')) : null;
    if (marked !== null) return marked;
    warnOf(state)({
      message: `hint BROADCAST has no effect on "${name}": ${refusal ?? 'it reads no relation'}`,
      hint:
        refusal === null
          ? 'Its few rows are made in one place.'
          : 'The side to name is the one whose rows are only looked for: of a LEFT JOIN the right one.',
      position: found.span.start,
    });
    return plan;
  }

  /** After all of FROM. */
  finish(): void {
    const warn = warnOf(this.#environment.state);
    for (const { name, span } of this.#empty) {
      const what = name.text.toUpperCase();
      warn({
        message: `hint ${what} has no effect: it names no relation`,
        hint: `Write ${what}(t), with a name as FROM has it.`,
        position: span.start,
      });
    }
    for (const [{ value, span }, hint] of this.#unnamed) {
      warn({
        message: `hint ${hint.toUpperCase()} names "${value}", which is not in FROM`,
        hint: `It takes names as FROM has them: ${this.#names.join(', ')}.`,
        position: span.start,
      });
    }
  }
}
