/** Lines as rows of VALUES: with or without the parentheses around each. */
export function inputRows(lines: readonly string[]): string {
  return lines.map((line) => (line.trim().startsWith('(') ? line : `(${line})`)).join(', ');
}

/** Lines of values separated by tabs, as texts for the columns to read; `NULL` is none, `(empty)` an empty text. */
export function inputValues(lines: readonly string[]): string {
  const value = (text: string): string => {
    if (text === 'NULL') return 'NULL';
    return text === '(empty)' ? "''" : `'${text.replaceAll("'", "''")}'`;
  };
  return lines.map((line) => `(${line.split('\t').map(value).join(', ')})`).join(', ');
}
