import type { ScriptRealms } from '../base/index.ts';
import type { CastDefinition, FunctionDefinition, FunctionLookup } from '../expr/index.ts';
import type { ScriptDefinitions } from '../spi/index.ts';
import { formatTypeKind } from '../types/index.ts';

/** What the functions users write need; absent where there are none. */
interface ScriptParts {
  readonly realms: ScriptRealms;
  readonly definitions: ScriptDefinitions;
}

/** Definitions by signature and by pair of kinds. A missing one is a bug: plans only name what the binder found. */
export function createFunctionLookup(
  functions: readonly FunctionDefinition[],
  casts: readonly CastDefinition[],
  scripts: ScriptParts | null = null,
): FunctionLookup {
  const bySignature = new Map(functions.map((definition) => [definition.signature, definition]));
  const byKinds = new Map(casts.map((cast) => [`${cast.from} ${cast.to}`, cast]));
  return {
    ...(scripts === null ? {} : { scripts: scripts.realms }),
    function: (signature) => {
      const definition = bySignature.get(signature) ?? scripts?.definitions.scalar(signature);
      if (!definition) throw new Error(`assertion failed: no function ${signature}`);
      return definition;
    },
    cast: (from, to) => {
      const cast = byKinds.get(`${from.kind} ${to.kind}`);
      if (cast === undefined) throw new Error(`assertion failed: no cast from ${formatTypeKind(from)} to ${formatTypeKind(to)}`);
      return cast;
    },
  };
}
