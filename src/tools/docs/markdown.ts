/** Marks a page as printed, so that nobody edits it by hand. */
const PRINTED = '<!-- Printed by `npm run docs`. Do not edit. -->';

/** A whole page: title, what it is about, sections. */
export function page(title: string, about: string, sections: readonly string[]): string {
  return `${[PRINTED, `# ${title}`, about, ...sections].join('\n\n')}\n`;
}

/** A table of cells that are Markdown already. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text in code letters inside a table cell: a bar would end the cell, a line break the table. */
export function code(text: string): string {
  const flat = text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  return flat.includes('`') ? `\`\` ${flat} \`\`` : `\`${flat}\``;
}

/** Plain words inside a table cell. */
export function words(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}

/** A sentence, whatever the definition's author thought of capitals and full stops. */
export function sentence(text: string): string {
  const trimmed = words(text.trim());
  const ended = /[.!?…:)]$/.test(trimmed) ? trimmed : `${trimmed}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}
