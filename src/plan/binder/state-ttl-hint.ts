import { nearestNames, SqlError, SqlState } from '../../base/index.ts';
import { type FromItem, foldIdentifier, type Hint, type HintArgument, type Query, type QueryBody, type Select } from '../../sql/index.ts';
import { type LogicalPlan, withStateTtl } from '../logical/index.ts';

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
  readonly #arguments: readonly HintArgument[];
  readonly #used = new Set<HintArgument>();
  readonly #names: string[] = [];

  constructor(select: Pick<Select, 'hints'>) {
    this.#arguments = argumentsOf(select.hints).filter(({ key }) => key !== null);
  }

  /** The plan of an item of FROM with its ttl. Errors: 22023 for what is no time. */
  apply(item: FromItem, plan: LogicalPlan): LogicalPlan {
    const name = nameOfItem(item);
    if (name === null || this.#arguments.length === 0) return plan;
    this.#names.push(name);
    const found = this.#arguments.find(({ key }) => key!.toLowerCase() === name.toLowerCase());
    if (found === undefined) return plan;
    this.#used.add(found);
    return withStateTtl(plan, ttlOf(found));
  }

  /** After all of FROM. Errors: 42P01 for a name nothing there has. */
  finish(): void {
    const unknown = this.#arguments.find((one) => !this.#used.has(one));
    if (unknown === undefined) return;
    const nearest = nearestNames(unknown.key!, this.#names, 1)[0];
    throw new SqlError({
      code: SqlState.undefinedTable,
      message: `STATE_TTL names "${unknown.key}", which is not in FROM`,
      hint: nearest === undefined ? `It takes names as FROM has them: ${this.#names.join(', ')}.` : `Perhaps you meant "${nearest}".`,
      position: unknown.span.start,
    });
  }
}

/** STATE_TTL('1 d') of the first SELECT of a query, which counts for all relations the query reads; null without. */
export function stateTtlOfQuery({ body }: Pick<Query, 'body'>): number | null {
  const select = firstSelect(body);
  const whole = select === null ? undefined : argumentsOf(select.hints).find(({ key }) => key === null);
  return whole === undefined ? null : ttlOf(whole);
}

/** The SELECT whose hints count for the whole query; null where there is none. */
export function firstSelect(body: QueryBody): Select | null {
  if (body.kind === 'select') return body;
  if (body.kind === 'set-operation') return firstSelect(body.left);
  return body.kind === 'query' ? firstSelect(body.body) : null;
}

function argumentsOf(hints: readonly Hint[]): readonly HintArgument[] {
  return hints.flatMap((hint) => (hint.name.text.toLowerCase() === STATE_TTL ? hint.arguments : []));
}

function ttlOf({ value, span }: HintArgument): number {
  const ttl = stateTtlMs(value);
  if (ttl !== null) return ttl;
  throw new SqlError({
    code: SqlState.invalidParameterValue,
    message: `STATE_TTL requires a time such as '1 d' or '12 h', not "${value}"`,
    position: span.start,
  });
}

/** What the item is called in the SELECT, null for a join without a name of its own. */
export function nameOfItem(item: FromItem): string | null {
  if (item.alias !== null) return foldIdentifier(item.alias.name);
  if (item.kind === 'table-reference') return item.name.parts.at(-1)!.text;
  return null;
}
