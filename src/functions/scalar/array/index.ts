/** Array functions. Subscripts count from 1. */
import type { FunctionDefinition } from '../../../expr/index.ts';
import { arrayBuildFunctions } from './build.ts';
import { arrayElementFunctions } from './elements.ts';
import { arrayInspectFunctions } from './inspect.ts';
import { arraySetFunctions } from './sets.ts';
import { arrayTextFunctions } from './text.ts';

export const arrayFunctions: readonly FunctionDefinition[] = [
  ...arrayBuildFunctions,
  ...arrayElementFunctions,
  ...arrayInspectFunctions,
  ...arraySetFunctions,
  ...arrayTextFunctions,
];
