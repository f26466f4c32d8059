import type { ExpressionNode } from './parse-expression.ts';

/** One step of a program; `x` and `y` are steps, the first preferred. */
type Step =
  | { readonly kind: 'character'; readonly accepts: (codePoint: number) => boolean }
  | { kind: 'split'; x: number; y: number }
  | { readonly kind: 'jump'; readonly x: number }
  | { readonly kind: 'save'; readonly slot: number }
  | { readonly kind: 'clear'; readonly from: number; readonly to: number }
  | { readonly kind: 'assert'; readonly holds: (text: string, at: number) => boolean }
  | { readonly kind: 'match' };

const STEPS_MAX = 4000;

/**
 * A program whose states are followed side by side, one character at a time, the preferred ones first (Pike's machine; Cox, "Regular Expression Matching:
 * the Virtual Machine Approach"): time is at most text length times program length. Null where the expression refers back, looks around for more than one
 * character, or counts too far.
 */
export function linearProgram(root: ExpressionNode, flags: string): LinearProgram | null {
  const compiler = new Compiler(flags);
  try {
    compiler.add({ kind: 'group', index: 0, body: root });
  } catch (error) {
    if (error instanceof NotLinear) return null;
    throw error;
  }
  compiler.steps.push({ kind: 'match' });
  return new LinearProgram(compiler.steps);
}

class NotLinear extends Error {}

class Compiler {
  readonly steps: Step[] = [];
  readonly #flags: string;
  readonly #characters = new Map<string, (codePoint: number) => boolean>();

  constructor(flags: string) {
    this.#flags = flags;
  }

  add(node: ExpressionNode): void {
    if (this.steps.length > STEPS_MAX) throw new NotLinear();
    switch (node.kind) {
      case 'character':
        this.steps.push({ kind: 'character', accepts: this.#accepts(node.source) });
        return;
      case 'sequence':
        for (const part of node.parts) this.add(part);
        return;
      case 'alternatives':
        this.#alternatives(node.parts);
        return;
      case 'group':
        this.steps.push({ kind: 'save', slot: 2 * node.index });
        this.add(node.body);
        this.steps.push({ kind: 'save', slot: 2 * node.index + 1 });
        return;
      case 'repeat':
        this.#repeat(node);
        return;
      case 'edge':
      case 'look':
        this.steps.push({ kind: 'assert', holds: this.#assertion(node) });
        return;
      case 'reference':
        throw new NotLinear();
    }
  }

  #alternatives(parts: readonly ExpressionNode[]): void {
    const ends: number[] = [];
    for (const [index, part] of parts.entries()) {
      const split = index < parts.length - 1 ? this.#split() : null;
      this.add(part);
      if (split === null) continue;
      ends.push(this.steps.length);
      this.steps.push({ kind: 'jump', x: 0 });
      split.y = this.steps.length;
    }
    for (const end of ends) this.steps[end] = { kind: 'jump', x: this.steps.length };
  }

  /** A split that prefers what follows it; the other way is filled in later. */
  #split(): { kind: 'split'; x: number; y: number } {
    const split: Extract<Step, { kind: 'split' }> = { kind: 'split', x: this.steps.length + 1, y: 0 };
    this.steps.push(split);
    return split;
  }

  #repeat({ body, least, most, greedy }: Extract<ExpressionNode, { kind: 'repeat' }>): void {
    const groups = groupsIn(body);
    const once = (): void => {
      if (groups !== null) this.steps.push({ kind: 'clear', from: 2 * groups.first, to: 2 * groups.last + 2 });
      this.add(body);
    };
    for (let times = 0; times < least; times++) once();
    const splits: Extract<Step, { kind: 'split' }>[] = [];
    if (most === Number.POSITIVE_INFINITY) {
      const start = this.steps.length;
      splits.push(this.#split());
      once();
      this.steps.push({ kind: 'jump', x: start });
    } else {
      for (let times = least; times < most; times++) {
        splits.push(this.#split());
        once();
      }
    }
    for (const split of splits) {
      split.y = this.steps.length;
      if (!greedy) [split.x, split.y] = [split.y, split.x];
    }
  }

  /** Whether a character fits, remembered for those of the first plane. */
  #accepts(source: string): (codePoint: number) => boolean {
    const known = this.#characters.get(source);
    if (known !== undefined) return known;
    const test = new RegExp(`^(?:${source})$`, this.#flags.replace(/[gm]/g, ''));
    const answers = new Uint8Array(0x10000);
    const accepts = (codePoint: number): boolean => {
      if (codePoint > 0xffff) return test.test(String.fromCodePoint(codePoint));
      if (answers[codePoint] === 0) answers[codePoint] = test.test(String.fromCodePoint(codePoint)) ? 1 : 2;
      return answers[codePoint] === 1;
    };
    this.#characters.set(source, accepts);
    return accepts;
  }

  #assertion(node: ExpressionNode): (text: string, at: number) => boolean {
    if (node.kind === 'edge') return this.#edge(node.end);
    if (node.kind !== 'look') throw new NotLinear();
    const body = this.#beside(node.body, node.behind);
    return node.negated ? (text, at) => !body(text, at) : body;
  }

  #edge(end: boolean): (text: string, at: number) => boolean {
    const lines = this.#flags.includes('m');
    const breaks = (unit: string | undefined): boolean => lines && unit !== undefined && /[\n\r\u2028\u2029]/.test(unit);
    return end ? (text, at) => at === text.length || breaks(text[at]) : (text, at) => at === 0 || breaks(text[at - 1]);
  }

  /** What stands beside a place: at most one character, and other assertions about the place. */
  #beside(node: ExpressionNode, behind: boolean): (text: string, at: number) => boolean {
    switch (node.kind) {
      case 'character': {
        const accepts = this.#accepts(node.source);
        return behind ? (text, at) => at > 0 && accepts(codePointBefore(text, at)) : (text, at) => at < text.length && accepts(text.codePointAt(at)!);
      }
      case 'alternatives': {
        const parts = node.parts.map((part) => this.#beside(part, behind));
        return (text, at) => parts.some((part) => part(text, at));
      }
      case 'sequence': {
        if (node.parts.some((part) => part.kind !== 'look' && part.kind !== 'edge')) throw new NotLinear();
        const parts = node.parts.map((part) => this.#assertion(part));
        return (text, at) => parts.every((part) => part(text, at));
      }
      default:
        return this.#assertion(node);
    }
  }
}

function codePointBefore(text: string, at: number): number {
  const unit = text.charCodeAt(at - 1);
  const isTrail = unit >= 0xdc00 && unit <= 0xdfff && at > 1 && text.codePointAt(at - 2)! > 0xffff;
  return isTrail ? text.codePointAt(at - 2)! : unit;
}

function groupsIn(node: ExpressionNode): { readonly first: number; readonly last: number } | null {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  const visit = (one: ExpressionNode): void => {
    if (one.kind === 'group') {
      first = Math.min(first, one.index);
      last = Math.max(last, one.index);
    }
    if ('parts' in one) one.parts.forEach(visit);
    if ('body' in one) visit(one.body);
  };
  visit(node);
  return last === 0 ? null : { first, last };
}

type Slots = readonly (number | undefined)[];

/** A way through the program, and what it has noted. */
interface Way {
  readonly step: number;
  readonly slots: Slots;
}

export class LinearProgram {
  readonly #steps: readonly Step[];
  /** The place at which a step was last followed, so that a worse way to it is not. */
  readonly #reached: Int32Array;

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
    this.#reached = new Int32Array(steps.length);
  }

  /** Starts and ends of the match and its groups, of the first match at or behind `from`; null where there is none. */
  search(text: string, from: number): Slots | null {
    this.#reached.fill(-1);
    let current: Way[] = [];
    let found: Slots | null = null;
    for (let at = from; ; ) {
      // Ways that were there before this place are preferred to one that starts here.
      const ways: readonly Way[] = found === null ? [...current, { step: 0, slots: [] }] : current;
      const waiting = ways.flatMap((way) => this.#follow(way.step, way.slots, text, at));
      current = [];
      const codePoint = at < text.length ? text.codePointAt(at)! : -1;
      for (const { step, slots } of waiting) {
        const one = this.#steps[step]!;
        if (one.kind === 'match') {
          found = slots;
          break;
        }
        if (one.kind === 'character' && codePoint >= 0 && one.accepts(codePoint)) current.push({ step: step + 1, slots });
      }
      if (codePoint < 0 || (found !== null && current.length === 0)) return found;
      at += codePoint > 0xffff ? 2 : 1;
    }
  }

  /** Steps that wait for a character, or are the end, in order of preference. */
  #follow(start: number, given: Slots, text: string, at: number): Way[] {
    const waiting: Way[] = [];
    const open: Way[] = [{ step: start, slots: given }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { step, slots } = next;
      if (this.#reached[step] === at) continue;
      this.#reached[step] = at;
      const one = this.#steps[step]!;
      if (one.kind === 'jump') open.push({ step: one.x, slots });
      else if (one.kind === 'split') open.push({ step: one.y, slots }, { step: one.x, slots });
      else if (one.kind === 'save') open.push({ step: step + 1, slots: withSlot(slots, one.slot, at) });
      else if (one.kind === 'clear')
        open.push({ step: step + 1, slots: slots.map((value, slot) => (slot >= one.from && slot < one.to ? undefined : value)) });
      else if (one.kind === 'assert') {
        if (one.holds(text, at)) open.push({ step: step + 1, slots });
      } else waiting.push(next);
    }
    return waiting;
  }
}

function withSlot(slots: Slots, slot: number, at: number): Slots {
  const changed = slots.slice();
  changed[slot] = at;
  return changed;
}
