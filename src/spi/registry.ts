import { nearestNames } from '../base/index.ts';

/** An explicit list of definitions of one open family, by name. */
export class Registry<Definition> {
  readonly #byName = new Map<string, Definition>();
  readonly #all: readonly Definition[];

  constructor(definitions: readonly Definition[], nameOf: (definition: Definition) => string) {
    this.#all = definitions;
    for (const definition of definitions) {
      const name = nameOf(definition);
      if (this.#byName.has(name)) throw new Error(`assertion failed: "${name}" is registered twice`);
      this.#byName.set(name, definition);
    }
  }

  get(name: string): Definition | undefined {
    return this.#byName.get(name);
  }

  all(): readonly Definition[] {
    return this.#all;
  }

  nearest(name: string): string[] {
    return nearestNames(name, this.#byName.keys());
  }
}
