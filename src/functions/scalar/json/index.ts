/** JSON functions. A jsonb value is its normalised text; each call parses what it needs and prints its result. */
import type { FunctionDefinition } from '../../../expr/index.ts';
import { jsonBuildFunctions } from './build.ts';
import { jsonInspectFunctions } from './inspect.ts';

export const jsonFunctions: readonly FunctionDefinition[] = [...jsonBuildFunctions, ...jsonInspectFunctions];

export { toJson } from './to-json.ts';
