/** Rows of the first that the second does not have, by multiplicity. */
export function withoutRows(rows: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const row of others) counts.set(row, (counts.get(row) ?? 0) + 1);
  return rows.filter((row) => {
    const left = counts.get(row) ?? 0;
    if (left > 0) counts.set(row, left - 1);
    return left === 0;
  });
}

/** What is missing (`- `) and what is too much (`+ `); where only the order differs, what came out. */
export function rowDifference(expected: readonly string[], actual: readonly string[]): string {
  const missing = withoutRows(expected, actual).map((line) => `- ${line}`);
  const extra = withoutRows(actual, expected).map((line) => `+ ${line}`);
  return [...missing, ...extra].join('\n') || `order differs:\n${actual.map((line) => `+ ${line}`).join('\n')}`;
}

/**
 * How two multisets of rows differ; null: they do not. Numbers are compared as they are shown, or `by value`: one grouped or compared as a key may
 * have lost trailing zeros, and which of its spellings came first is nobody's fact.
 */
export function multisetDifference(expected: readonly string[], actual: readonly string[], numbers: 'as shown' | 'by value'): string | null {
  const text = (rows: readonly string[]): string => (numbers === 'by value' ? rows.map(withoutTrailingZeros) : [...rows]).sort().join('\n');
  return text(expected) === text(actual) ? null : rowDifference([...expected].sort(), [...actual].sort());
}

function withoutTrailingZeros(row: string): string {
  return row.replace(/(?<![^\t])(-?\d+)\.(\d*?)0*(?![^\t])/g, (_, whole: string, part: string) => (part === '' ? whole : `${whole}.${part}`));
}
