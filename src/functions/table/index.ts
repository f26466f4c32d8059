/**
 * Functions in FROM: series, elements of arrays and JSON documents, pieces of texts.
 *
 * Functions over streams (windows, late and bad rows) are not here: they are operators of the plan.
 */
import type { TableFunctionDefinition } from '../../spi/index.ts';
import { generateSeriesFunctions } from './generate-series.ts';
import { underJsonNames } from './json-names.ts';
import { jsonPathQueryFunctions } from './json-path-query.ts';
import { setReturningFunctions } from './set-returning.ts';

export const tableFunctions: readonly TableFunctionDefinition[] = [
  ...generateSeriesFunctions,
  ...jsonPathQueryFunctions,
  ...setReturningFunctions,
  ...underJsonNames(setReturningFunctions),
];
