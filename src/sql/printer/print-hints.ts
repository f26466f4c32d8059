import type { Hint } from '../ast/index.ts';
import { quoteIfNeeded } from '../quote-identifier.ts';
import { printString } from './print-type.ts';

/** A hint comment with a space in front, or nothing. */
export function printHints(hints: readonly Hint[]): string {
  if (hints.length === 0) return '';
  const texts = hints
    .filter(({ foreign }) => foreign === undefined)
    .map((hint) => {
      const list = hint.arguments.map(({ key, value }) => (key === null ? '' : `${printString(key)} = `) + printString(value));
      return `${quoteIfNeeded(hint.name)}(${list.join(', ')})`;
    });
  const own = texts.length === 0 ? [] : [` /*+ ${texts.join(', ')} */`];
  return [...own, ...hints.flatMap(({ foreign }) => (foreign === undefined ? [] : [` ${foreign}`]))].join('');
}
