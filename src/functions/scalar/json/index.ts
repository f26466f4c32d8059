/**
 * JSON functions. A jsonb value is its normalised text; each call parses what it needs and prints its result. Paths of SQL/JSON are in ./path.
 */
import type { FunctionDefinition } from '../../../expr/index.ts';
import { jsonBuildFunctions } from './build.ts';
import { jsonChangeFunctions } from './change.ts';
import { jsonConstructFunctions } from './construct.ts';
import { jsonInspectFunctions } from './inspect.ts';
import { jsonTextFunctions } from './json-texts.ts';
import { jsonPathFunctions } from './path-functions.ts';
import { sqlJsonFunctions } from './sql-json.ts';

export const jsonFunctions: readonly FunctionDefinition[] = [
  ...jsonBuildFunctions,
  ...jsonChangeFunctions,
  ...jsonConstructFunctions,
  ...jsonInspectFunctions,
  ...jsonPathFunctions,
  ...jsonTextFunctions,
  ...sqlJsonFunctions,
];

export { pathItems } from './path-functions.ts';
export { toJson } from './to-json.ts';
