/** A text with ksqlDB's `${name}` replaced by what DEFINE gave it, in strings, too; unknown names stay for the parser to complain of. */
export function substituteVariables(text: string, variables: ReadonlyMap<string, string>): string {
  if (variables.size === 0) return text;
  return text.replaceAll(/\$\{(\w+)\}/g, (written, name: string) => variables.get(name.toLowerCase()) ?? written);
}
