/** A deliberate bug: `find`, which stands once in `file`, becomes `replace`. */
export interface Mutant {
  readonly name: string;
  /** What is wrong with it, as a sentence. */
  readonly bug: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Who should notice, narrowest first. */
  readonly tests: readonly string[];
  /** The first test finds it in a few seconds: `npm test` takes its sample from these. */
  readonly quick?: true;
}

export interface MutantTest {
  readonly path: string;
  readonly configuration: string;
  readonly env: Readonly<Record<string, string>>;
  readonly sql: boolean;
}

export declare const root: string;
export declare const mutants: readonly Mutant[];
export declare function mutantNamed(name: string): Mutant;
export declare function mutated(mutant: Mutant, text: string): string;
export declare function sourceOf(mutant: Mutant): string;
export declare function parseTest(text: string): MutantTest;
