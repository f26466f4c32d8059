/** The nearest integer, ties to even: what C's rint does and PostgreSQL's round of floats. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const difference = value - floor;
  const nearest = difference < 0.5 || (difference === 0.5 && floor % 2 === 0) ? floor : floor + 1;
  // What rounds to nothing from below is minus zero, which prints its sign.
  return nearest === 0 && value < 0 ? -0 : nearest;
}
