import { SqlError, SqlState, unreachable } from '../base/index.ts';
import type { PatternNode } from './recognition.ts';

/** A step of a pattern's program. The program ends behind its last instruction. */
export type Instruction =
  /** Takes a row for the variable, if its condition holds. */
  | { readonly kind: 'row'; readonly variable: number; readonly excluded: boolean }
  /** Goes on at `first`, and at `second` when that leads nowhere. */
  | { kind: 'split'; first: number; second: number }
  | { kind: 'jump'; to: number }
  /** Remembers where a round of a loop begins … */
  | { readonly kind: 'mark'; readonly register: number }
  /** … and leaves the loop for `exit` after a round that took no row: it could go on for ever. */
  | { kind: 'progress'; readonly register: number; exit: number }
  | { readonly kind: 'anchor'; readonly at: 'start' | 'end' };

export interface PatternProgram {
  readonly instructions: readonly Instruction[];
  readonly registerCount: number;
}

/** Repetitions and permutations are written out; a longer program is refused. */
const INSTRUCTIONS_MAX = 20_000;

/**
 * The program of a pattern, for a machine that backtracks. Its order of trying is the standard's order of preference (SQL:2016, 7.7 "row pattern
 * matching"): left alternatives first, greedy loops with more rounds first. A round of a loop that takes no row is its last.
 * Errors: 54001 when the pattern is too large.
 */
export function compilePattern(pattern: PatternNode): PatternProgram {
  const compiler = new PatternCompiler();
  compiler.node(pattern, false);
  return { instructions: compiler.instructions, registerCount: compiler.registerCount };
}

class PatternCompiler {
  readonly instructions: Instruction[] = [];
  registerCount = 0;

  node(node: PatternNode, excluded: boolean): void {
    switch (node.kind) {
      case 'variable':
        this.#emit({ kind: 'row', variable: node.variable, excluded });
        return;
      case 'sequence':
        for (const part of node.parts) this.node(part, excluded);
        return;
      case 'alternation':
        this.#alternatives(node.parts.map((part) => [part]).values(), excluded);
        return;
      case 'permutation':
        this.#alternatives(permutations(node.parts), excluded);
        return;
      case 'exclusion':
        this.node(node.pattern, true);
        return;
      case 'anchor':
        this.#emit({ kind: 'anchor', at: node.at });
        return;
      case 'repetition':
        this.#repetition(node, excluded);
        return;
      default:
        unreachable(node);
    }
  }

  #alternatives(sequences: Iterator<readonly PatternNode[]>, excluded: boolean): void {
    const jumps: { to: number }[] = [];
    let next = sequences.next();
    while (next.done !== true) {
      const sequence = next.value;
      next = sequences.next();
      const split = next.done === true ? null : this.#split();
      for (const part of sequence) this.node(part, excluded);
      if (split === null) break;
      jumps.push(this.#emit({ kind: 'jump', to: 0 }));
      split.second = this.instructions.length;
    }
    for (const jump of jumps) jump.to = this.instructions.length;
  }

  #repetition(node: Extract<PatternNode, { kind: 'repetition' }>, excluded: boolean): void {
    const { pattern, minimum, maximum, greedy } = node;
    for (let round = 0; round < minimum; round++) this.node(pattern, excluded);
    if (maximum === null) {
      this.#loop(pattern, greedy, excluded);
      return;
    }
    const splits: { first: number; second: number }[] = [];
    for (let round = minimum; round < maximum; round++) {
      splits.push(this.#split());
      this.node(pattern, excluded);
    }
    for (const split of splits) {
      split.second = this.instructions.length;
      prefer(split, greedy);
    }
  }

  #loop(pattern: PatternNode, greedy: boolean, excluded: boolean): void {
    const begin = this.instructions.length;
    const split = this.#split();
    const register = canBeEmpty(pattern) ? this.registerCount++ : null;
    if (register !== null) this.#emit({ kind: 'mark', register });
    this.node(pattern, excluded);
    const progress = register === null ? null : this.#emit({ kind: 'progress', register, exit: 0 });
    this.#emit({ kind: 'jump', to: begin });
    split.second = this.instructions.length;
    if (progress !== null) progress.exit = this.instructions.length;
    prefer(split, greedy);
  }

  /** Goes on with the next instruction first; `second` is filled in later. */
  #split(): { first: number; second: number } {
    return this.#emit({ kind: 'split', first: this.instructions.length + 1, second: 0 });
  }

  #emit<One extends Instruction>(instruction: One): One {
    if (this.instructions.length >= INSTRUCTIONS_MAX) {
      throw new SqlError({
        code: SqlState.statementTooComplex,
        message: `the pattern is too large: written out it has more than ${INSTRUCTIONS_MAX} steps`,
        hint: 'Use smaller numbers in {n,m}, fewer of them inside each other, or fewer parts of PERMUTE.',
      });
    }
    this.instructions.push(instruction);
    return instruction;
  }
}

/** A reluctant repetition tries to leave first. */
function prefer(split: { first: number; second: number }, greedy: boolean): void {
  if (greedy) return;
  const { first } = split;
  split.first = split.second;
  split.second = first;
}

/** True when the pattern has a match without rows. */
export function canBeEmpty(node: PatternNode): boolean {
  switch (node.kind) {
    case 'variable':
      return false;
    case 'anchor':
      return true;
    case 'sequence':
    case 'permutation':
      return node.parts.every(canBeEmpty);
    case 'alternation':
      return node.parts.some(canBeEmpty);
    case 'repetition':
      return node.minimum === 0 || canBeEmpty(node.pattern);
    case 'exclusion':
      return canBeEmpty(node.pattern);
    default:
      return unreachable(node);
  }
}

/** Orders of the parts, lexicographic by their places. */
function* permutations(parts: readonly PatternNode[]): Generator<readonly PatternNode[], void, undefined> {
  if (parts.length <= 1) {
    yield parts;
    return;
  }
  for (const [index, first] of parts.entries()) {
    const others = parts.filter((_, position) => position !== index);
    for (const rest of permutations(others)) yield [first, ...rest];
  }
}
