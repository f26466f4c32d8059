/** String and byte string functions. Positions count characters (code points) from 1. */
import type { FunctionDefinition } from '../../../expr/index.ts';
import { bitFunctions } from './bits.ts';
import { caseFunctions } from './case.ts';
import { classifyFunctions } from './classify.ts';
import { concatFunctions } from './concat.ts';
import { digestFunctions } from './digest.ts';
import { encodingFunctions } from './encoding.ts';
import { identifierFunctions } from './identifiers.ts';
import { lengthFunctions } from './length.ts';
import { locateFunctions } from './locate.ts';
import { maskFunctions } from './mask.ts';
import { padFunctions } from './pad.ts';
import { positionFunctions } from './position.ts';
import { quoteFunctions } from './quote.ts';
import { regexpFunctions } from './regexp.ts';
import { replaceFunctions } from './replace.ts';
import { splitFunctions } from './split.ts';
import { substringFunctions } from './substring.ts';
import { trimFunctions } from './trim.ts';
import { urlFunctions } from './url.ts';

export { quoteIdentifier, quoteLiteral } from './quote.ts';
export { everywhere, groupsOf, splitByExpression } from './regexp.ts';

export const stringFunctions: readonly FunctionDefinition[] = [
  ...bitFunctions,
  ...caseFunctions,
  ...classifyFunctions,
  ...concatFunctions,
  ...digestFunctions,
  ...encodingFunctions,
  ...identifierFunctions,
  ...lengthFunctions,
  ...locateFunctions,
  ...maskFunctions,
  ...padFunctions,
  ...positionFunctions,
  ...quoteFunctions,
  ...regexpFunctions,
  ...replaceFunctions,
  ...splitFunctions,
  ...substringFunctions,
  ...trimFunctions,
  ...urlFunctions,
];
