/** Functions of maps, whose keys are in ascending order. `anykey` and `anyvalue` are the key and value types of the call's first map. */
import type { FunctionDefinition } from '../../../expr/index.ts';
import { mapBuildFunctions } from './build.ts';
import { mapInspectFunctions } from './inspect.ts';

export const mapFunctions: readonly FunctionDefinition[] = [...mapBuildFunctions, ...mapInspectFunctions];
