/** A result that may never end, by the first word of the statement: it is shown as it comes. */
export function mayNeverEnd(sql: string): boolean {
  const start = sql.replace(/^(?:\s+|--[^\n]*\n|\/\*[\s\S]*?\*\/)+/, '');
  return /^subscribe\b/i.test(start);
}
