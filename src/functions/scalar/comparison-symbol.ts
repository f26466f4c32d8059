export const COMPARISON_SYMBOLS = ['=', '<>', '<', '<=', '>', '>='] as const;
export type ComparisonSymbol = (typeof COMPARISON_SYMBOLS)[number];

/** Whether a comparison is true of two values in this order: below 0 the first one is the lower, 0 they are equal. */
export function holds(symbol: ComparisonSymbol, order: number): boolean {
  switch (symbol) {
    case '=':
      return order === 0;
    case '<>':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}
