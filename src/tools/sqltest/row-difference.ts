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
