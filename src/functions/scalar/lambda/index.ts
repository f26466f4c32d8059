/** Functions that take lambdas: a parameter and its body, `x => x + 1`, `(k, v) => v`, or `|x| x + 1` as in RisingWave. */
import type { FunctionDefinition } from '../../../expr/index.ts';
import { arrayLambdaFunctions } from './arrays.ts';
import { mapLambdaFunctions } from './maps.ts';

export const lambdaFunctions: readonly FunctionDefinition[] = [...arrayLambdaFunctions, ...mapLambdaFunctions];
