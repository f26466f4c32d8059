/**
 * Scalar functions and operators, one file per function or family of one idea, by folder: operators, string, math, time, json, array, map, lambda,
 * conditional, catalog, system. Patterns (LIKE, regular expressions) are in ./pattern.
 *
 * A definition is data and a few small functions. NULL handling, conversion of arguments and overload resolution happen outside: evaluate sees
 * datums of exactly the types of its signature, and no NULL unless it asks for it.
 *
 * Laws
 * - emit agrees with evaluate on every value it does not give back to the interpreter.
 * - Whatever can fail says so (`fallible`).
 *
 * Start reading at define-function.ts, then operators/integer-arithmetic.ts.
 */
import type { FunctionDefinition } from '../../expr/index.ts';
import { arrayFunctions } from './array/index.ts';
import { catalogFunctions } from './catalog/index.ts';
import { conditionalFunctions } from './conditional/index.ts';
import { jsonFunctions } from './json/index.ts';
import { lambdaFunctions } from './lambda/index.ts';
import { mapFunctions } from './map/index.ts';
import { mathFunctions } from './math/index.ts';
import { operatorFunctions } from './operators/index.ts';
import { underOtherNames } from './other-names.ts';
import { stringFunctions } from './string/index.ts';
import { systemFunctions } from './system/index.ts';
import { timeFunctions } from './time/index.ts';

export { toJson } from './json/index.ts';

const ownNames: readonly FunctionDefinition[] = [
  ...arrayFunctions,
  ...catalogFunctions,
  ...conditionalFunctions,
  ...jsonFunctions,
  ...lambdaFunctions,
  ...mapFunctions,
  ...mathFunctions,
  ...operatorFunctions,
  ...stringFunctions,
  ...systemFunctions,
  ...timeFunctions,
];

export const scalarFunctions: readonly FunctionDefinition[] = [...ownNames, ...underOtherNames(ownNames)];
