/**
 * Exact decimals: text form, conversion from and to machine numbers, arithmetic and elementary functions with the result
 * scales of PostgreSQL's numeric.c. Knows no SQL types.
 *
 * Start reading at decimal.ts, then decimal-arithmetic.ts.
 */
export {
  absBigint,
  baseTenThousand,
  compareDecimals,
  decimal,
  decimalFromInteger,
  decimalSign,
  digitCount,
  INFINITY_DECIMAL,
  NAN_DECIMAL,
  NEGATIVE_INFINITY_DECIMAL,
  ONE_DECIMAL,
  powerOfTen,
  roundDecimal,
  trimDecimal,
  truncateDecimal,
  ZERO_DECIMAL,
} from './decimal.ts';
export {
  absDecimal,
  addDecimals,
  applyNumericModifier,
  ceilDecimal,
  divideDecimals,
  divideToScale,
  divideTruncated,
  floorDecimal,
  gcdDecimals,
  moduloDecimals,
  multiplyDecimals,
  negateDecimal,
  subtractDecimals,
} from './decimal-arithmetic.ts';
export { decimalFromFloat4, decimalFromFloat8, decimalToApproximate, decimalToFloat8, decimalToInteger } from './decimal-conversion.ts';
export { expDecimal, lnDecimal, logDecimal, powerDecimal, sqrtDecimal } from './decimal-functions.ts';
export { formatDecimal, parseDecimal } from './decimal-text.ts';
