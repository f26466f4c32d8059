import type { Hint } from '../ast/index.ts';
import { quoteIfNeeded } from '../quote-identifier.ts';
import { printString } from './print-type.ts';

/** A hint comment with a space in front, or nothing. */
export function printHints(hints: readonly Hint[]): string {
  if (hints.length === 0) return '';
  const texts = hints.map((hint) => {
    const list = hint.arguments.map(({ key, value }) => (key === null ? '' : `${printString(key)} = `) + printString(value));
    return `${quoteIfNeeded(hint.name)}(${list.join(', ')})`;
  });
  return ` /*+ ${texts.join(', ')} */`;
}
