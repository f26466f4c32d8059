import { SqlError, SqlState } from '../../../base/index.ts';
import { type ByteMatcher, byteMatcher } from './byte-matcher.ts';
import { type LinearProgram, linearProgram } from './linear-program.ts';
import { type ExpressionNode, parseExpressionSource } from './parse-expression.ts';

/** Steps of a backtracking engine that are well spent: about as long as the linear machine needs for a few thousand characters. */
const BACKTRACKING_STEPS_MAX = 1_000_000;

/**
 * A RegExp that no pattern and no text can hold up: where backtracking could take long for a text of that length, a machine of linear time answers. Both give
 * the same match. Methods of strings and of RegExp go through `exec`. Errors of a search: 54001 for a text too long for an expression that refers back or
 * looks around, for which there is no such machine.
 */
export class BoundedExpression extends RegExp {
  readonly #analysis: Analysis;

  constructor(source: string | RegExp, flags: string) {
    super(source, flags);
    this.#analysis = analysisOf(this.source, flags.replace('g', ''));
  }

  /** Whether backtracking through a text of so many characters ends soon. */
  isBounded(length: number): boolean {
    const { degree, choices } = this.#analysis;
    return (length + 1) ** (degree + 1) * choices <= BACKTRACKING_STEPS_MAX;
  }

  /** Null where the expression cannot be matched on bytes. */
  byteMatcher(): ByteMatcher | null {
    return this.#analysis.byteMatcher();
  }

  override exec(text: string): RegExpExecArray | null {
    const { groupCount } = this.#analysis;
    if (this.isBounded(text.length)) return super.exec(text);
    const program = this.#analysis.program();
    if (program === null) throw tooComplex(text.length);
    const slots = this.global && this.lastIndex > text.length ? null : program.search(text, this.global ? this.lastIndex : 0);
    if (this.global) this.lastIndex = slots?.[1] ?? 0;
    if (slots === null) return null;
    const groups = Array.from({ length: groupCount + 1 }, (_, index) => {
      const [start, end] = [slots[2 * index], slots[2 * index + 1]];
      return start === undefined || end === undefined ? undefined : text.slice(start, end);
    });
    return Object.assign(groups as [string, ...string[]], { index: slots[0]!, input: text });
  }
}

/** How long backtracking may take: `choices` times the text's length to the power of `degree` + 1. */
interface Analysis {
  readonly degree: number;
  readonly choices: number;
  readonly groupCount: number;
  program(): LinearProgram | null;
  byteMatcher(): ByteMatcher | null;
}

const CACHED_MAX = 256;
const cache = new Map<string, Analysis>();

function analysisOf(source: string, flags: string): Analysis {
  const key = `${flags}/${source}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const { root, groupCount } = parseExpressionSource(source);
  let program: LinearProgram | null | undefined;
  let matcher: ByteMatcher | null | undefined;
  const made: Analysis = {
    ...waysThrough(root, false),
    groupCount,
    program: () => {
      program = program === undefined ? linearProgram(root, flags) : program;
      return program;
    },
    byteMatcher: () => {
      matcher = matcher === undefined ? byteMatcher(root, groupCount, flags) : matcher;
      return matcher;
    },
  };
  if (cache.size >= CACHED_MAX) cache.clear();
  cache.set(key, made);
  return made;
}

/** Inside of a repetition every further choice multiplies with each turn: no power bounds that. */
function waysThrough(node: ExpressionNode, repeated: boolean): { readonly degree: number; readonly choices: number } {
  const endless = { degree: Number.POSITIVE_INFINITY, choices: 1 };
  switch (node.kind) {
    case 'sequence':
    case 'alternatives': {
      if (repeated && node.kind === 'alternatives') return endless;
      const parts = node.parts.map((part) => waysThrough(part, repeated));
      const degree = parts.reduce((sum, part) => sum + part.degree, 0);
      const choices = parts.reduce((product, part) => product * part.choices, node.kind === 'alternatives' ? parts.length : 1);
      return { degree, choices };
    }
    case 'group':
    case 'look':
      return waysThrough(node.body, repeated);
    case 'repeat': {
      const body = waysThrough(node.body, repeated || node.most > 1);
      if (node.least === node.most) return { degree: body.degree * node.most, choices: body.choices ** node.most };
      if (repeated) return endless;
      return node.most === 1 ? { degree: body.degree, choices: body.choices * 2 } : { degree: body.degree + 1, choices: body.choices };
    }
    case 'reference':
      return { degree: 1, choices: 1 };
    default:
      return { degree: 0, choices: 1 };
  }
}

function tooComplex(length: number): SqlError {
  return new SqlError({
    code: SqlState.statementTooComplex,
    message: `regular expression is too complex for a text of ${length} characters`,
    hint: 'Back references, and look-around for more than one character, are for short texts or for expressions with few repetitions.',
  });
}
