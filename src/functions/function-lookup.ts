import type { CastDefinition, FunctionDefinition, FunctionLookup } from '../expr/index.ts';
import { formatTypeKind } from '../types/index.ts';

/** Definitions by signature and by pair of kinds. A missing one is a bug: plans only name what the binder found. */
export function createFunctionLookup(functions: readonly FunctionDefinition[], casts: readonly CastDefinition[]): FunctionLookup {
  const bySignature = new Map(functions.map((definition) => [definition.signature, definition]));
  const byKinds = new Map(casts.map((cast) => [`${cast.from} ${cast.to}`, cast]));
  return {
    function: (signature) => {
      const definition = bySignature.get(signature);
      if (definition === undefined) throw new Error(`assertion failed: no function ${signature}`);
      return definition;
    },
    cast: (from, to) => {
      const cast = byKinds.get(`${from.kind} ${to.kind}`);
      if (cast === undefined) throw new Error(`assertion failed: no cast from ${formatTypeKind(from)} to ${formatTypeKind(to)}`);
      return cast;
    },
  };
}
