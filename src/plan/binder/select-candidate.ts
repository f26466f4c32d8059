import { type SqlType, textType } from '../../types/index.ts';
import { type ArgumentPattern, argumentPatterns, type Callable } from './argument-pattern.ts';
import type { BindState } from './bind-state.ts';
import { canCoerce, plainType } from './coercion.ts';
import { findCommonType } from './common-type.ts';
import { isPreferred, sameKind, type TypeCategory, typeCategory } from './type-category.ts';

/** An overload that fits the number of arguments, with one parameter type for each of them. */
export interface Candidate<Definition extends Callable> {
  readonly definition: Definition;
  readonly parameters: readonly SqlType[];
  /** A fixed parameter type, as opposed to a polymorphic one: only those count as exact matches. */
  readonly fixed: readonly boolean[];
  readonly variadic: boolean;
}

/** The outcome of overload resolution. */
export type Selection<Definition extends Callable> =
  | { readonly kind: 'found'; readonly candidate: Candidate<Definition> }
  | { readonly kind: 'none' }
  | { readonly kind: 'ambiguous' };

/**
 * PostgreSQL's overload resolution (func_match_argtypes and func_select_candidate; manual, chapter "Type Conversion"): an exact match wins; else
 * those that can be reached by implicit casts, most exact matches first, then preferred types, then what the unknown arguments suggest.
 */
export function selectCandidate<Definition extends Callable>(
  definitions: readonly Definition[],
  args: readonly SqlType[],
  state: BindState,
): Selection<Definition> {
  const fitting = definitions.flatMap((definition) => instantiate(definition, args, state) ?? []);
  const exact = fitting.find((candidate) => candidate.parameters.every((type, index) => sameKind(type, args[index]!)));
  if (exact !== undefined) return { kind: 'found', candidate: preferFixed(fitting, args) ?? exact };
  const { functions } = state.context;
  let candidates = fitting.filter((candidate) => candidate.parameters.every((type, index) => canCoerce(args[index]!, type, 'implicit', functions)));
  candidates = withoutVariadicTwins(candidates);
  if (candidates.length === 0) return { kind: 'none' };
  candidates = keepBest(candidates, (candidate) => countExact(candidate, args));
  candidates = keepBest(candidates, (candidate) => countExactOrPreferred(candidate, args));
  if (candidates.length > 1) candidates = byUnknownCategories(candidates, args);
  if (candidates.length > 1) candidates = byKnownTypes(candidates, args, state);
  if (candidates.length === 1) return { kind: 'found', candidate: candidates[0]! };
  return { kind: 'ambiguous' };
}

function preferFixed<Definition extends Callable>(
  candidates: readonly Candidate<Definition>[],
  args: readonly SqlType[],
): Candidate<Definition> | undefined {
  return candidates.find((candidate) => candidate.fixed.every(Boolean) && candidate.parameters.every((type, index) => sameKind(type, args[index]!)));
}

/** The parameter types of a definition for these arguments; null when their number or their polymorphic types do not fit. */
function instantiate<Definition extends Callable>(definition: Definition, args: readonly SqlType[], state: BindState): Candidate<Definition> | null {
  const declared = argumentPatterns(definition);
  const variadic = definition.variadic === true && declared.length > 0;
  if (variadic ? args.length < declared.length - 1 : args.length !== declared.length) return null;
  const patterns = args.map((_, index) => declared[Math.min(index, declared.length - 1)]!);
  const elements = new Map<string, SqlType | null>();
  for (const family of ['any', 'anycompatible'] as const) elements.set(family, elementType(patterns, args, family, state));
  const map = args.find((arg, index) => patterns[index]!.kind === 'map' && arg.kind === 'map');
  if (map?.kind === 'map') elements.set('map', map).set('key', map.key).set('value', map.value);
  const parameters: SqlType[] = [];
  for (const [index, pattern] of patterns.entries()) {
    const type = parameterType(pattern, args[index]!, elements);
    if (type === null) return null;
    parameters.push(type);
  }
  return { definition, parameters, fixed: patterns.map((pattern) => pattern.kind === 'type'), variadic };
}

function parameterType(pattern: ArgumentPattern, arg: SqlType, elements: ReadonlyMap<string, SqlType | null>): SqlType | null {
  switch (pattern.kind) {
    case 'type':
      return pattern.type;
    case 'any':
      return arg.kind === 'unknown' ? textType : arg;
    case 'record':
      return arg.kind === 'row' ? arg : null;
    case 'map':
      return elements.get(pattern.part) ?? null;
    case 'element':
      if (pattern.nonArray === true && arg.kind === 'array') return null;
      return elements.get(pattern.family) ?? null;
    case 'array': {
      const element = elements.get(pattern.family) ?? null;
      return element === null ? null : { kind: 'array', element };
    }
  }
}

/** What the polymorphic parameters of a family stand for; null when the arguments disagree. */
function elementType(patterns: readonly ArgumentPattern[], args: readonly SqlType[], family: string, state: BindState): SqlType | null {
  const types: SqlType[] = [];
  for (const [index, pattern] of patterns.entries()) {
    if ((pattern.kind !== 'element' && pattern.kind !== 'array') || pattern.family !== family) continue;
    const arg = args[index]!;
    if (arg.kind === 'unknown') continue;
    if (pattern.kind === 'array' && arg.kind !== 'array') return null;
    types.push(plainType(pattern.kind === 'array' && arg.kind === 'array' ? arg.element : arg));
  }
  if (family === 'anycompatible') return findCommonType(types, state);
  const [first] = types;
  if (first === undefined) return textType;
  return types.every((type) => sameKind(type, first)) ? first : null;
}

/** A function with as many plain parameters hides the variadic one. */
function withoutVariadicTwins<Definition extends Callable>(candidates: readonly Candidate<Definition>[]): Candidate<Definition>[] {
  const plain = candidates.filter((candidate) => !candidate.variadic);
  return plain.length > 0 ? plain : [...candidates];
}

function keepBest<Definition extends Callable>(
  candidates: readonly Candidate<Definition>[],
  score: (candidate: Candidate<Definition>) => number,
): Candidate<Definition>[] {
  if (candidates.length <= 1) return [...candidates];
  const scores = candidates.map(score);
  const best = Math.max(...scores);
  return candidates.filter((_, index) => scores[index] === best);
}

function countExact<Definition extends Callable>(candidate: Candidate<Definition>, args: readonly SqlType[]): number {
  return args.filter((arg, index) => arg.kind !== 'unknown' && candidate.fixed[index] && sameKind(arg, candidate.parameters[index]!)).length;
}

function countExactOrPreferred<Definition extends Callable>(candidate: Candidate<Definition>, args: readonly SqlType[]): number {
  return args.filter((arg, index) => {
    const parameter = candidate.parameters[index]!;
    if (arg.kind === 'unknown') return false;
    return (
      (candidate.fixed[index] && sameKind(arg, parameter)) ||
      (candidate.fixed[index] && isPreferred(parameter) && typeCategory(parameter) === typeCategory(arg))
    );
  }).length;
}

/** A polymorphic parameter is of no category an unknown argument could suggest. */
function categoryOf<Definition extends Callable>(candidate: Candidate<Definition>, index: number): TypeCategory | 'P' {
  return candidate.fixed[index] ? typeCategory(candidate.parameters[index]!) : 'P';
}

/** Unknown arguments: string wins if any candidate takes it, else the one category all share; a preferred type of it beats the others. */
function byUnknownCategories<Definition extends Callable>(
  candidates: readonly Candidate<Definition>[],
  args: readonly SqlType[],
): Candidate<Definition>[] {
  const wanted = args.map(() => null as TypeCategory | 'P' | null);
  const preferred = args.map(() => false);
  for (const [index, arg] of args.entries()) {
    if (arg.kind !== 'unknown') continue;
    const found = new Set(candidates.map((candidate) => categoryOf(candidate, index)));
    const category = found.has('S') ? 'S' : found.size === 1 ? [...found][0]! : null;
    if (category === null) return [...candidates];
    wanted[index] = category;
    preferred[index] = candidates.some((candidate) => categoryOf(candidate, index) === category && prefers(candidate, index));
  }
  const kept = candidates.filter((candidate) =>
    wanted.every(
      (category, index) => category === null || (categoryOf(candidate, index) === category && (!preferred[index] || prefers(candidate, index))),
    ),
  );
  return kept.length > 0 ? kept : [...candidates];
}

function prefers<Definition extends Callable>(candidate: Candidate<Definition>, index: number): boolean {
  return candidate.fixed[index] === true && isPreferred(candidate.parameters[index]!);
}

/** If all known arguments are of one type, the unknown ones are taken to be of it as well. */
function byKnownTypes<Definition extends Callable>(
  candidates: readonly Candidate<Definition>[],
  args: readonly SqlType[],
  state: BindState,
): Candidate<Definition>[] {
  const [first, ...rest] = args.filter((arg) => arg.kind !== 'unknown');
  if (first === undefined || args.every((arg) => arg.kind !== 'unknown') || !rest.every((type) => sameKind(type, first))) return [...candidates];
  const kept = candidates.filter((candidate) =>
    candidate.parameters.every((parameter) => canCoerce(first, parameter, 'implicit', state.context.functions)),
  );
  return kept.length === 1 ? kept : [...candidates];
}
