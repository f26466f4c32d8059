/** A stack of row positions of one symbol. `stamps` tell one push from another, so that whoever has seen the first n knows whether they are the same. */
interface SymbolRows {
  readonly positions: number[];
  readonly stamps: number[];
}

/**
 * Which row of an attempt is mapped to which variable. Rows follow each other without gap from `start`. It grows and shrinks at its end as the search
 * goes forth and back.
 */
export class RowMapping {
  readonly start: number;
  readonly #memberships: readonly (readonly number[])[];
  readonly #bySymbol: readonly SymbolRows[];
  readonly #variables: number[] = [];
  readonly #excluded: boolean[] = [];
  #stamp = 0;

  /** `memberships[v]`: the symbols a row of variable v belongs to. */
  constructor(start: number, memberships: readonly (readonly number[])[], symbolCount: number) {
    this.start = start;
    this.#memberships = memberships;
    this.#bySymbol = Array.from({ length: symbolCount }, () => ({ positions: [], stamps: [] }));
  }

  get length(): number {
    return this.#variables.length;
  }

  /** Position behind the last row. */
  get end(): number {
    return this.start + this.#variables.length;
  }

  push(variable: number, excluded: boolean): void {
    const position = this.end;
    this.#variables.push(variable);
    this.#excluded.push(excluded);
    const stamp = ++this.#stamp;
    for (const symbol of this.#memberships[variable]!) {
      this.#bySymbol[symbol]!.positions.push(position);
      this.#bySymbol[symbol]!.stamps.push(stamp);
    }
  }

  truncate(length: number): void {
    while (this.#variables.length > length) {
      this.#excluded.pop();
      for (const symbol of this.#memberships[this.#variables.pop()!]!) {
        this.#bySymbol[symbol]!.positions.pop();
        this.#bySymbol[symbol]!.stamps.pop();
      }
    }
  }

  /** The variable of a row, or null for a row outside. */
  variableAt(position: number): number | null {
    return this.#variables[position - this.start] ?? null;
  }

  excludedAt(position: number): boolean {
    return this.#excluded[position - this.start] ?? false;
  }

  /** Number of the symbol's rows before `end`. */
  countBefore(symbol: number, end: number): number {
    const { positions } = this.#bySymbol[symbol]!;
    if (positions.length === 0 || positions.at(-1)! < end) return positions.length;
    let low = 0;
    let high = positions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (positions[middle]! < end) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Position of the symbol's row number `index`. */
  positionOf(symbol: number, index: number): number | null {
    return this.#bySymbol[symbol]!.positions[index] ?? null;
  }

  /** Tells the symbol's row number `index` from any other that may come to stand there; -1 without such a row. */
  stampOf(symbol: number, index: number): number {
    return this.#bySymbol[symbol]!.stamps[index] ?? -1;
  }
}
