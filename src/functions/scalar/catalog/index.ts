/** Functions that psql and drivers call on the catalogs. What they know of objects comes through EvaluationContext.catalog. */
import type { FunctionDefinition } from '../../../expr/index.ts';
import { identityFunctions } from './identity-functions.ts';
import { objectFunctions } from './object-functions.ts';
import { sizeFunctions } from './sizes.ts';
import { visibilityFunctions } from './visibility.ts';

export const catalogFunctions: readonly FunctionDefinition[] = [...identityFunctions, ...objectFunctions, ...sizeFunctions, ...visibilityFunctions];
