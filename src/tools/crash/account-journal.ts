/** What an operation adds to which accounts. Amounts are large and by chance, so what came of one shows in a sum. */
export type Effect = ReadonlyMap<string, number>;

interface OpenEffect {
  readonly effect: Effect;
  /** Looked for and not found. */
  readonly isMissed: boolean;
}

/** What clients know of their operations: each account holds what was acknowledged, nothing of what was refused, and all or nothing of what nobody knows of. */
export class AccountJournal {
  readonly #certain = new Map<string, number>();
  #open: readonly OpenEffect[] = [];

  constructor(accounts: Iterable<string>) {
    for (const account of accounts) this.#certain.set(account, 0);
  }

  acknowledged(effect: Effect): void {
    for (const [account, amount] of effect) this.#certain.set(account, this.#certain.get(account)! + amount);
  }

  /** There was no answer, or one that does not say. */
  unknown(effect: Effect): void {
    this.#open = [...this.#open, { effect, isMissed: false }];
  }

  /** The accounts as they have to be if nothing unknown was done. */
  get certain(): ReadonlyMap<string, number> {
    return this.#certain;
  }

  /**
   * Compares accounts that nobody writes to now. Null: they agree, and what is found of the unknown is certain from now on; what is missed a second time counts
   * as refused, for whoever was about to do it has long gone. Otherwise what does not agree.
   */
  settle(found: ReadonlyMap<string, number>): string | null {
    const left = new Map([...this.#certain].map(([account, amount]) => [account, (found.get(account) ?? Number.NaN) - amount]));
    for (const account of found.keys()) if (!left.has(account)) left.set(account, Number.NaN);
    const done = subset(
      this.#open.map(({ effect }) => effect),
      left,
    );
    if (done === null) {
      const wrong = [...left].filter(([, amount]) => amount !== 0).map(([account, amount]) => `${account} ${amount > 0 ? '+' : ''}${amount}`);
      return `${wrong.join(', ')}; of unknown outcome: ${this.#open.map(({ effect }) => JSON.stringify([...effect])).join(' ')}`;
    }
    for (const effect of done) this.acknowledged(effect);
    this.#open = this.#open.filter(({ effect, isMissed }) => !isMissed && !done.has(effect)).map(({ effect }) => ({ effect, isMissed: true }));
    return null;
  }
}

/** Those of the effects that come to these sums together; null: there are none. */
function subset(effects: readonly Effect[], sums: ReadonlyMap<string, number>): Set<Effect> | null {
  const lastOf = new Map([...sums.keys()].map((account) => [account, effects.findLastIndex((effect) => effect.has(account))]));
  const [settledBy, left, done] = [effects.map(() => [] as string[]), new Map(sums), new Set<Effect>()];
  for (const [account, last] of lastOf) {
    if (last >= 0) settledBy[last]!.push(account);
    else if (sums.get(account) !== 0) return null;
  }
  const add = (effect: Effect, sign: number): void => {
    for (const [account, amount] of effect) left.set(account, left.get(account)! - sign * amount);
  };
  const fits = (index: number): boolean => settledBy[index]!.every((account) => left.get(account) === 0) && search(index + 1);
  const search = (index: number): boolean => {
    const effect = effects[index];
    if (effect === undefined) return true;
    if (fits(index)) return true;
    add(effect, 1);
    done.add(effect);
    if (fits(index)) return true;
    add(effect, -1);
    done.delete(effect);
    return false;
  };
  return search(0) ? done : null;
}
