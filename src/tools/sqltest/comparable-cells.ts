import type { SqlType } from '../../types/index.ts';

/** Cells such that equal values are equal texts, as SQL compares them: the numeric 7.20 is 7.2. */
export function comparableCells(cells: readonly string[], types: readonly SqlType[]): string[] {
  return cells.map((cell, index) => (types[index]?.kind === 'numeric' ? shortestNumber(cell) : cell));
}

export function shortestNumber(text: string): string {
  return /^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, '') : text;
}
