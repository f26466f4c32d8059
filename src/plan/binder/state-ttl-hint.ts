import type { FromItem, HintArgument, Query, QueryBody, Select } from '../../sql/index.ts';
import { type LogicalPlan, withStateTtl } from '../logical/index.ts';
import { hintArguments, ItemArguments, invalidHint } from './hint-arguments.ts';

const STATE_TTL = 'state_ttl';
const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|millis?|milliseconds?|s|sec|secs|seconds?|m|min|minutes?|h|hours?|d|days?)$/i;
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a ttl as written (`1 d`, `36 h`); 0: nothing is forgotten. Null when it is no time. */
export function stateTtlMs(text: string): number | null {
  if (text.trim() === '0') return 0;
  const parts = DURATION.exec(text.trim());
  if (parts === null) return null;
  const unit = parts[2]!.toLowerCase();
  return Math.round(Number(parts[1]) * UNITS_MS[/^(ms|mil)/.test(unit) ? 'ms' : unit[0]!]!);
}

/** STATE_TTL('a' = '1 d') of a SELECT: the ttl of each item of FROM that it names. */
export class StateTtlHint {
  readonly #arguments: ItemArguments;

  constructor({ hints }: Pick<Select, 'hints'>) {
    this.#arguments = new ItemArguments(STATE_TTL, hintArguments(hints, STATE_TTL));
  }

  /** The plan of an item of FROM with its ttl. Errors: 22023 for what is no time. */
  apply(item: FromItem, plan: LogicalPlan): LogicalPlan {
    const found = this.#arguments.of(item);
    return found === null ? plan : withStateTtl(plan, ttlOf(found));
  }

  /** After all of FROM. Errors: 42P01 for a name nothing there has. */
  finish(): void {
    this.#arguments.finish();
  }
}

/** STATE_TTL('1 d') of the first SELECT of a query, which counts for all relations the query reads; null without. */
export function stateTtlOfQuery({ body }: Pick<Query, 'body'>): number | null {
  const select = firstSelect(body);
  const whole = select === null ? undefined : hintArguments(select.hints, STATE_TTL).find(({ key }) => key === null);
  return whole === undefined ? null : ttlOf(whole);
}

/** The SELECT whose hints count for the whole query; null where there is none. */
export function firstSelect(body: QueryBody): Select | null {
  if (body.kind === 'select') return body;
  if (body.kind === 'set-operation') return firstSelect(body.left);
  return body.kind === 'query' ? firstSelect(body.body) : null;
}

function ttlOf(argument: HintArgument): number {
  const ttl = stateTtlMs(argument.value);
  if (ttl !== null) return ttl;
  throw invalidHint(`STATE_TTL requires a time such as '1 d' or '12 h', not "${argument.value}"`, argument);
}
