/**
 * How tightly operators bind: PostgreSQL's table (manual section 4.1.6, and gram.y, which is more precise). Higher binds tighter.
 * A nonassociative operator cannot be followed by one of its own level: `a < b < c` is a syntax error.
 */
export const Precedence = {
  or: 1,
  and: 2,
  not: 3,
  is: 4,
  comparison: 5,
  /** BETWEEN, IN, LIKE, ILIKE, SIMILAR, with or without NOT. */
  membership: 6,
  escape: 7,
  /** Every operator symbol that is in no other row, and OPERATOR(…) whatever it names. */
  otherOperator: 8,
  additive: 9,
  multiplicative: 10,
  exponent: 11,
  atTimeZone: 12,
  collate: 13,
  sign: 14,
  cast: 16,
} as const;

export type PrecedenceLevel = (typeof Precedence)[keyof typeof Precedence];

const nonassociativeLevels: ReadonlySet<PrecedenceLevel> = new Set([Precedence.is, Precedence.comparison, Precedence.membership]);

export function isNonassociative(level: PrecedenceLevel): boolean {
  return nonassociativeLevels.has(level);
}

const comparisonSymbols: ReadonlySet<string> = new Set(['<', '>', '=', '<=', '>=', '<>']);

/** The six comparison symbols; `!=` has been read as `<>` before. */
export function isComparisonSymbol(symbol: string): boolean {
  return comparisonSymbols.has(symbol);
}

/** The level of an infix symbol written without OPERATOR(…). */
export function symbolPrecedence(symbol: string): PrecedenceLevel {
  if (isComparisonSymbol(symbol)) return Precedence.comparison;
  switch (symbol) {
    case '+':
    case '-':
      return Precedence.additive;
    case '*':
    case '/':
    case '%':
      return Precedence.multiplicative;
    case '^':
      return Precedence.exponent;
    default:
      return Precedence.otherOperator;
  }
}
