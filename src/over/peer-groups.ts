/** The rows of a sorted partition in groups of peers: rows equal under ORDER BY. */
export class PeerGroups {
  readonly #starts: number[] = [];
  readonly #groups: number[] = [];

  /** Number of rows. */
  get size(): number {
    return this.#groups.length;
  }

  get groupCount(): number {
    return this.#starts.length;
  }

  /** Rows from `from` on are new, up to `size` in all; `isPeer(row)`: the row is a peer of the one before it. */
  update(from: number, size: number, isPeer: (row: number) => boolean): void {
    this.#groups.length = from;
    this.#starts.length = from === 0 ? 0 : this.#groups[from - 1]! + 1;
    for (let row = from; row < size; row++) {
      if (row === 0 || !isPeer(row)) this.#starts.push(row);
      this.#groups.push(this.#starts.length - 1);
    }
  }

  groupOf(row: number): number {
    return this.#groups[row]!;
  }

  /** First row of a group; the number of rows for a group after the last, 0 for one before the first. */
  startOfGroup(group: number): number {
    return group < 0 ? 0 : (this.#starts[group] ?? this.size);
  }

  peerStart(row: number): number {
    return this.#starts[this.#groups[row]!]!;
  }

  peerEnd(row: number): number {
    return this.startOfGroup(this.#groups[row]! + 1);
  }
}
