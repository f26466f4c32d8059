/** The file of ksqlDB's RUN SCRIPT, which is a command of its terminal as of this one; null for every other statement. */
export function scriptOf(statement: string): string | null {
  const match = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*RUN\s+SCRIPT\s+'((?:[^']|'')+)'\s*;?\s*$/i.exec(statement);
  return match === null ? null : match[1]!.replaceAll("''", "'");
}
