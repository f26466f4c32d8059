/**
 * Conversions between types: PostgreSQL's pg_cast for the types fsql has, and the text form of every type in both directions.
 *
 * Lengths, precisions and scales of the target are not applied here but by applyTypeModifier, after the cast. Arrays and rows convert
 * member by member in expr.
 *
 * Start reading at define-cast.ts, then numeric-casts.ts.
 */
import type { CastDefinition } from '../../expr/index.ts';
import { binaryCasts } from './binary-casts.ts';
import { datetimeCasts } from './datetime-casts.ts';
import { jsonCasts } from './json-casts.ts';
import { numericCasts } from './numeric-casts.ts';
import { objectCasts } from './object-casts.ts';
import { textCasts } from './text-casts.ts';

export const casts: readonly CastDefinition[] = [...binaryCasts, ...datetimeCasts, ...jsonCasts, ...numericCasts, ...objectCasts, ...textCasts];
