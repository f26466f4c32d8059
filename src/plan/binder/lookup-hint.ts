import type { LookupRetry } from '../../spi/index.ts';
import type { FromItem, Hint, HintArgument, Select } from '../../sql/index.ts';
import type { LogicalPlan } from '../logical/index.ts';
import { type QueryEnvironment, type Warn, warnOf } from './bind-state.ts';
import { invalidHint, nameOfItem } from './hint-arguments.ts';
import { stateTtlMs } from './state-ttl-hint.ts';

const LOOKUP = 'lookup';
/** Flink's names. Of how a lookup is made nothing is left to say: it is always asynchronous, and rows of an epoch have no order. */
const OPTIONS = [
  'table',
  'async',
  'output-mode',
  'capacity',
  'timeout',
  'shuffle',
  'retry-predicate',
  'retry-strategy',
  'fixed-delay',
  'max-attempts',
];

/** LOOKUP('table' = 'c', 'retry-predicate' = 'lookup_miss', …) of a SELECT: keys without a row are looked up again. */
export class LookupHint {
  /** By the name of the table. */
  readonly #hints = new Map<string, { readonly hint: Hint; readonly options: ReadonlyMap<string, HintArgument> }>();

  readonly #named = new Set<string>();
  readonly #warn: Warn;

  /** Errors: 22023 for what Flink would not take either. */
  constructor({ hints }: Pick<Select, 'hints'>, { state }: QueryEnvironment) {
    this.#warn = warnOf(state);
    for (const hint of hints) {
      if (hint.name.text.toLowerCase() !== LOOKUP) continue;
      const options = optionsOf(hint);
      this.#hints.set(options.get('table')!.value.toLowerCase(), { hint, options });
    }
  }

  /** The plan of an item of FROM with its hint. Errors: 22023. */
  apply(item: FromItem, plan: LogicalPlan): LogicalPlan {
    const name = nameOfItem(item)?.toLowerCase() ?? '';
    this.#named.add(name);
    const found = this.#hints.get(name);
    if (plan.kind !== 'scan' || found === undefined) return plan;
    const lookupRetry = retryOf(found.options, found.hint);
    return lookupRetry === null ? plan : { ...plan, lookupRetry };
  }

  /** After all of FROM. */
  finish(): void {
    for (const [name, { options }] of this.#hints) {
      if (this.#named.has(name)) continue;
      const { value, span } = options.get('table')!;
      const message = `hint LOOKUP names "${value}", which is not in FROM`;
      this.#warn({ message, hint: 'Name the table as FROM does.', position: span.start });
    }
  }
}

function optionsOf(hint: Hint): ReadonlyMap<string, HintArgument> {
  const options = new Map<string, HintArgument>();
  for (const argument of hint.arguments) {
    const key = argument.key?.toLowerCase() ?? null;
    if (key === null || !OPTIONS.includes(key))
      throw invalidHint(`LOOKUP has no option "${argument.key ?? argument.value}"`, argument, `It takes: ${OPTIONS.join(', ')}.`);
    options.set(key, argument);
  }
  if (!options.has('table')) throw invalidHint("LOOKUP requires 'table' = '…'", hint, 'Name the table as FROM does.');
  return options;
}

/** Null: a key without a row has none. */
function retryOf(options: ReadonlyMap<string, HintArgument>, hint: Hint): LookupRetry | null {
  const predicate = options.get('retry-predicate');
  if (predicate === undefined) return null;
  requireValue(predicate, 'lookup_miss');
  const [strategy, delay, attempts] = ['retry-strategy', 'fixed-delay', 'max-attempts'].map((name) => {
    const found = options.get(name);
    if (found !== undefined) return found;
    throw invalidHint(
      `'retry-predicate' requires '${name}'`,
      hint,
      "Write 'retry-strategy' = 'fixed_delay', 'fixed-delay' = '10 s', 'max-attempts' = '3'.",
    );
  }) as [HintArgument, HintArgument, HintArgument];
  requireValue(strategy, 'fixed_delay');
  const delayMs = stateTtlMs(delay.value);
  if (delayMs === null) throw invalidHint(`'fixed-delay' requires a time such as '10 s', not "${delay.value}"`, delay);
  if (!/^[1-9]\d{0,5}$/.test(attempts.value)) throw invalidHint(`'max-attempts' requires a number from 1, not "${attempts.value}"`, attempts);
  return { delayMs, attemptsMax: Number(attempts.value) };
}

function requireValue(argument: HintArgument, only: string): void {
  if (argument.value.toLowerCase() === only) return;
  throw invalidHint(`'${argument.key}' cannot be "${argument.value}"`, argument, `It is '${only}'.`);
}
