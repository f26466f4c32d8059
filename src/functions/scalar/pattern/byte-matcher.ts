import type { ExpressionNode } from './parse-expression.ts';

const ASCII_COUNT = 128;

/** Null where the expression looks around, refers back, repeats more than a character or sees lines. */
export function byteMatcher(root: ExpressionNode, groupCount: number, flags: string): ByteMatcher | null {
  try {
    return new ByteMatcher(root, groupCount, flags);
  } catch (error) {
    if (error instanceof NotBytes) return null;
    throw error;
  }
}

/** Tries the rest of the expression from a place on; true when all of it matches. */
type Step = (at: number) => boolean;

/**
 * Backtracks over the bytes of a text of ASCII, as a RegExp does over its characters, without making a string or a match of it. For expressions of characters,
 * edges, groups, alternatives and repetitions of one character: what is found is what RegExp finds.
 */
export class ByteMatcher {
  /** Start and end of every group of the last match, of the match itself first; -1 for a group that took no part. */
  readonly slots: Int32Array;
  readonly #flags: string;
  readonly #bytesOf = new Map<string, Uint8Array>();
  /** Bytes a match can begin with; null where it may be empty. */
  readonly #first: Uint8Array | null;
  readonly #match: Step;
  #data: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;

  /** Throws NotBytes where the expression is of another kind. */
  constructor(root: ExpressionNode, groupCount: number, flags: string) {
    if (flags.includes('m')) throw new NotBytes();
    this.#flags = flags;
    this.slots = new Int32Array(2 * groupCount + 2);
    const first = new Uint8Array(256);
    this.#first = this.#addFirst(root, first) ? null : first;
    this.#match = this.#compile({ kind: 'group', index: 0, body: root }, () => true);
  }

  /** Whether it matches anywhere in data[start, end), which holds ASCII only. */
  search(data: Uint8Array, start: number, end: number): boolean {
    this.#data = data;
    this.#start = start;
    this.#end = end;
    const first = this.#first;
    const match = this.#match;
    this.slots.fill(-1);
    for (let at = start; at <= end; at++) {
      if (first !== null) {
        while (at < end && first[data[at]!] === 0) at++;
        if (at === end) return false;
      }
      if (match(at)) return true;
    }
    return false;
  }

  #compile(node: ExpressionNode, next: Step): Step {
    switch (node.kind) {
      case 'character': {
        const accepted = this.#accepted(node.source);
        return (at) => at < this.#end && accepted[this.#data[at]!] === 1 && next(at + 1);
      }
      case 'sequence':
        return node.parts.reduceRight((rest, part) => this.#compile(part, rest), next);
      case 'alternatives': {
        const steps = node.parts.map((part) => this.#compile(part, next));
        return (at) => {
          for (const step of steps) if (step(at)) return true;
          return false;
        };
      }
      case 'group':
        return this.#group(node.index, node.body, next);
      case 'repeat':
        return this.#repeat(node, next);
      case 'edge':
        return node.end ? (at) => at === this.#end && next(at) : (at) => at === this.#start && next(at);
      default:
        throw new NotBytes();
    }
  }

  #group(index: number, body: ExpressionNode, next: Step): Step {
    const slots = this.slots;
    const close: Step = (at) => {
      const before = slots[2 * index + 1]!;
      slots[2 * index + 1] = at;
      if (next(at)) return true;
      slots[2 * index + 1] = before;
      return false;
    };
    const inner = this.#compile(body, close);
    return (at) => {
      const before = slots[2 * index]!;
      slots[2 * index] = at;
      if (inner(at)) return true;
      slots[2 * index] = before;
      return false;
    };
  }

  #repeat({ body, least, most, greedy }: Extract<ExpressionNode, { kind: 'repeat' }>, next: Step): Step {
    if (body.kind !== 'character') throw new NotBytes();
    const accepted = this.#accepted(body.source);
    return (at) => {
      const limit = Math.min(this.#end, at + most);
      const data = this.#data;
      let last = at;
      if (greedy) {
        while (last < limit && accepted[data[last]!] === 1) last++;
        for (; last >= at + least; last--) if (next(last)) return true;
        return false;
      }
      while (last < at + least) if (last === this.#end || accepted[data[last++]!] === 0) return false;
      for (;;) {
        if (next(last)) return true;
        if (last >= limit || accepted[data[last++]!] === 0) return false;
      }
    };
  }

  /** 1 for every byte of ASCII that the class or character accepts. */
  #accepted(source: string): Uint8Array {
    const known = this.#bytesOf.get(source);
    if (known !== undefined) return known;
    const test = new RegExp(`^(?:${source})$`, this.#flags);
    const accepted = Uint8Array.from({ length: 256 }, (_, byte) => (byte < ASCII_COUNT && test.test(String.fromCharCode(byte)) ? 1 : 0));
    this.#bytesOf.set(source, accepted);
    return accepted;
  }

  /** Adds the bytes a match of the node can begin with; true where it may be empty. */
  #addFirst(node: ExpressionNode, first: Uint8Array): boolean {
    switch (node.kind) {
      case 'character': {
        const accepted = this.#accepted(node.source);
        for (let byte = 0; byte < ASCII_COUNT; byte++) first[byte]! |= accepted[byte]!;
        return false;
      }
      case 'sequence':
        return node.parts.every((part) => this.#addFirst(part, first));
      case 'alternatives':
        return node.parts.map((part) => this.#addFirst(part, first)).includes(true);
      case 'group':
        return this.#addFirst(node.body, first);
      case 'repeat':
        return this.#addFirst(node.body, first) || node.least === 0;
      default:
        return true;
    }
  }
}

/** An expression that needs more than bytes and places. */
class NotBytes extends Error {}

/** Kernel: whether all of data[start, end) is ASCII. */
export function isAscii(data: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (data[at]! >= ASCII_COUNT) return false;
  return true;
}
