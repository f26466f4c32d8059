import { nearestNames } from '../base/index.ts';

/** An explicit list of definitions of one open family, by name. */
export class Registry<Definition> {
  readonly #byName = new Map<string, Definition>();
  readonly #all: readonly Definition[];
  readonly #others: (name: string) => Definition | null;

  /** `others` answers for names that are not on the list: definitions made when they are asked for, or that are nobody's to choose. */
  constructor(
    definitions: readonly Definition[],
    nameOf: (definition: Definition) => string,
    others: (name: string) => Definition | null = () => null,
  ) {
    this.#others = others;
    this.#all = definitions;
    for (const definition of definitions) {
      const name = nameOf(definition);
      if (this.#byName.has(name)) throw new Error(`assertion failed: "${name}" is registered twice`);
      this.#byName.set(name, definition);
    }
  }

  get(name: string): Definition | undefined {
    return this.#byName.get(name) ?? this.#others(name) ?? undefined;
  }

  all(): readonly Definition[] {
    return this.#all;
  }

  nearest(name: string): string[] {
    return nearestNames(name, this.#byName.keys());
  }
}
