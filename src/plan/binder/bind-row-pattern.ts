import { SqlError, SqlState } from '../../base/index.ts';
import { canBeEmpty, compilePattern, type PatternNode, type SkipTarget } from '../../pattern/index.ts';
import { foldIdentifier, type Identifier, type MatchRecognize, type RowPattern, type Span } from '../../sql/index.ts';
import { nearestHint, withPosition } from './binder-error.ts';

/** The names of a pattern: variables in order of appearance, then subsets. A symbol is a place among both. */
export interface PatternNames {
  readonly variables: readonly string[];
  readonly subsets: readonly { readonly name: string; readonly members: readonly number[] }[];
}

export interface BoundPattern extends PatternNames {
  readonly pattern: PatternNode;
}

/** PATTERN and SUBSET. Errors: 42704 for unknown variables, 42710 for names used twice, 22023 for bad numbers, 54001 for a pattern too large. */
export function bindRowPattern(item: MatchRecognize): BoundPattern {
  const variables: string[] = [];
  const pattern = patternNode(item.pattern, variables);
  withPosition(item.pattern.span, () => compilePattern(pattern));
  const names: string[] = [...variables];
  const subsets = item.subsets.map((subset) => {
    const name = foldIdentifier(subset.name);
    if (names.includes(name)) throw nameTaken(name, subset.name.span);
    names.push(name);
    return { name, members: subset.members.map((member) => variableOf(member, { variables, subsets: [] }, 'SUBSET')) };
  });
  return { pattern, variables, subsets };
}

/** The variable or subset a name means. Errors: 42704. */
export function symbolOf(name: Identifier, names: PatternNames, clause: string): number {
  const all = [...names.variables, ...names.subsets.map((subset) => subset.name)];
  const found = all.indexOf(foldIdentifier(name));
  if (found >= 0) return found;
  throw new SqlError({
    code: SqlState.undefinedObject,
    message: `pattern variable "${foldIdentifier(name)}" of ${clause} is not in PATTERN`,
    hint: nearestHint('the variable', foldIdentifier(name), all),
    position: name.span.start,
  });
}

/** The same for places where a subset is none. */
export function variableOf(name: Identifier, names: PatternNames, clause: string): number {
  return symbolOf(name, { variables: names.variables, subsets: [] }, clause);
}

export function nameTaken(name: string, span: Span): SqlError {
  return new SqlError({ code: SqlState.duplicateObject, message: `pattern variable "${name}" is defined twice`, position: span.start });
}

/** AFTER MATCH. Errors: 22023 when every match begins with the row it goes to, so that it would go on for ever. */
export function bindSkip(item: MatchRecognize, bound: BoundPattern): SkipTarget {
  const after = item.afterMatch;
  if (after === null || after.skip === 'past last row') return { kind: 'past-last-row' };
  if (after.skip === 'to next row') return { kind: 'to-next-row' };
  const symbol = symbolOf(after.variable!, bound, 'AFTER MATCH SKIP');
  const members = symbol < bound.variables.length ? [symbol] : bound.subsets[symbol - bound.variables.length]!.members;
  if (after.skip === 'to first' && firstVariables(bound.pattern).every((variable) => members.includes(variable))) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: 'AFTER MATCH SKIP would go back to the first row of the match, for ever',
      hint: 'Use AFTER MATCH SKIP TO NEXT ROW or PAST LAST ROW.',
      position: after.variable!.span.start,
    });
  }
  return { kind: after.skip === 'to first' ? 'to-first' : 'to-last', symbol };
}

/** Variables a match can begin with. */
function firstVariables(node: PatternNode): number[] {
  switch (node.kind) {
    case 'variable':
      return [node.variable];
    case 'anchor':
      return [];
    case 'sequence': {
      const found: number[] = [];
      for (const part of node.parts) {
        found.push(...firstVariables(part));
        if (!canBeEmpty(part)) break;
      }
      return found;
    }
    case 'alternation':
    case 'permutation':
      return node.parts.flatMap(firstVariables);
    case 'repetition':
    case 'exclusion':
      return firstVariables(node.pattern);
  }
}

function patternNode(pattern: RowPattern, variables: string[]): PatternNode {
  switch (pattern.kind) {
    case 'pattern-variable': {
      const name = foldIdentifier(pattern.name);
      if (!variables.includes(name)) variables.push(name);
      return { kind: 'variable', variable: variables.indexOf(name) };
    }
    case 'pattern-sequence':
      return { kind: 'sequence', parts: pattern.parts.map((part) => patternNode(part, variables)) };
    case 'pattern-alternation':
      return { kind: 'alternation', parts: pattern.parts.map((part) => patternNode(part, variables)) };
    case 'pattern-permutation':
      return { kind: 'permutation', parts: pattern.parts.map((part) => patternNode(part, variables)) };
    case 'pattern-exclusion':
      return { kind: 'exclusion', pattern: patternNode(pattern.pattern, variables) };
    case 'pattern-anchor':
      return { kind: 'anchor', at: pattern.at };
    case 'pattern-empty':
      return { kind: 'sequence', parts: [] };
    case 'pattern-repetition': {
      const { minimum, maximum, greedy } = pattern;
      if (maximum !== null && (maximum < minimum || maximum === 0)) {
        throw new SqlError({
          code: SqlState.invalidParameterValue,
          message:
            maximum === 0
              ? 'a quantifier must allow at least one row'
              : `the bounds of the quantifier {${minimum},${maximum}} are the wrong way round`,
          position: pattern.span.start,
        });
      }
      return { kind: 'repetition', pattern: patternNode(pattern.pattern, variables), minimum, maximum, greedy };
    }
  }
}
