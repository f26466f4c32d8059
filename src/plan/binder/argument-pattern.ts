import type { SqlType } from '../../types/index.ts';

/**
 * What a parameter accepts: one type; anything (`any`); a map, or a key or value of the call's first map; or a polymorphic family whose members agree with each other
 * (PostgreSQL, "Polymorphic Types").
 */
export type ArgumentPattern =
  | { readonly kind: 'type'; readonly type: SqlType }
  | { readonly kind: 'any' }
  | { readonly kind: 'record' }
  | { readonly kind: 'map'; readonly part: 'map' | 'key' | 'value' }
  | { readonly kind: 'element' | 'array'; readonly family: 'any' | 'anycompatible'; readonly nonArray?: true };

/** What overload resolution needs of a definition, whatever its family. */
export interface Callable {
  readonly name: string;
  readonly signature: string;
  readonly argumentTypes: readonly SqlType[];
  readonly variadic?: boolean;
}

const cache = new WeakMap<object, readonly ArgumentPattern[]>();

/** The parameters of a definition. Polymorphic names stand in its signature; the type list holds `unknown` for them. */
export function argumentPatterns(callable: Callable): readonly ArgumentPattern[] {
  const known = cache.get(callable);
  if (known !== undefined) return known;
  const names = signatureNames(callable.signature);
  const patterns = callable.argumentTypes.map((type, index) => patternOf(type, names[index] ?? ''));
  cache.set(callable, patterns);
  return patterns;
}

function patternOf(type: SqlType, name: string): ArgumentPattern {
  switch (name) {
    case 'any':
      return { kind: 'any' };
    case 'anyelement':
    case 'T':
      return { kind: 'element', family: 'any' };
    case 'anynonarray':
      return { kind: 'element', family: 'any', nonArray: true };
    case 'anyarray':
    case 'anyelement[]':
    case 'T[]':
      return { kind: 'array', family: 'any' };
    case 'anycompatible':
      return { kind: 'element', family: 'anycompatible' };
    case 'anycompatiblenonarray':
      return { kind: 'element', family: 'anycompatible', nonArray: true };
    case 'anycompatiblearray':
    case 'anycompatible[]':
      return { kind: 'array', family: 'anycompatible' };
    case 'anymap':
      return { kind: 'map', part: 'map' };
    case 'anykey':
      return { kind: 'map', part: 'key' };
    case 'anyvalue':
      return { kind: 'map', part: 'value' };
    default:
      return patternOfType(type);
  }
}

function patternOfType(type: SqlType): ArgumentPattern {
  if (type.kind === 'unknown') return { kind: 'any' };
  if (type.kind === 'array' && type.element.kind === 'unknown') return { kind: 'array', family: 'any' };
  if (type.kind === 'row' && type.fields.length === 0) return { kind: 'record' };
  return { kind: 'type', type };
}

/** The type names of a signature: `f(a, variadic b) -> c`, `a op b -> c`, `op a -> c`. */
function signatureNames(signature: string): string[] {
  const left = signature.slice(0, signature.lastIndexOf(' -> '));
  const open = left.indexOf('(');
  if (open >= 0 && left.endsWith(')') && /^[\w."]+$/.test(left.slice(0, open))) {
    const inner = left.slice(open + 1, -1).trim();
    return inner === '' ? [] : inner.split(',').map((part) => part.trim().replace(/^variadic\s+/i, ''));
  }
  const words = left.split(' ');
  return words.length === 3 ? [words[0]!, words[2]!] : [words.at(-1)!];
}
