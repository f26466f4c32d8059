/** Date and time functions: the present, fields, truncation, making and printing. Zones go by the session's TimeZone unless given. */
import type { FunctionDefinition } from '../../../expr/index.ts';
import { extractFunctions } from './extract.ts';
import { javaPatternFunctions } from './java-functions.ts';
import { makeFunctions } from './make.ts';
import { presentFunctions } from './now.ts';
import { overlapsFunctions } from './overlaps.ts';
import { pictureFunctions } from './to-char.ts';
import { truncateFunctions } from './truncate.ts';
import { unitFunctions } from './units.ts';
import { zoneFunctions } from './zone.ts';

export const timeFunctions: readonly FunctionDefinition[] = [
  ...extractFunctions,
  ...javaPatternFunctions,
  ...makeFunctions,
  ...overlapsFunctions,
  ...pictureFunctions,
  ...presentFunctions,
  ...truncateFunctions,
  ...unitFunctions,
  ...zoneFunctions,
];
