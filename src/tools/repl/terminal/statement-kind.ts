/** A result that may never end, by the words of the statement: it is shown as it comes. */
export function mayNeverEnd(sql: string): boolean {
  const start = sql.replace(/^(?:\s+|--[^\n]*\n|\/\*[\s\S]*?\*\/)+/, '');
  return /^(?:subscribe|print)\b/i.test(start) || (/^(?:select|with|table|values)\b/i.test(start) && /\bemit\s+changes\b/i.test(start));
}
