/** Mathematical functions of floats, numerics and integers, with PostgreSQL's result types and errors. */
import type { FunctionDefinition } from '../../../expr/index.ts';
import { degreeFunctions } from './degree-functions.ts';
import { elementaryFunctions } from './elementary.ts';
import { floatFunctions } from './float-functions.ts';
import { integerFunctions } from './integer-functions.ts';
import { numberFromPictureFunctions } from './number-from-picture.ts';
import { pictureNumberFunctions } from './numeric-picture.ts';
import { roundingFunctions } from './rounding.ts';

export const mathFunctions: readonly FunctionDefinition[] = [
  ...degreeFunctions,
  ...elementaryFunctions,
  ...floatFunctions,
  ...integerFunctions,
  ...numberFromPictureFunctions,
  ...pictureNumberFunctions,
  ...roundingFunctions,
];
