/** A result as text cells; null is SQL NULL. `right`: numbers stand to the right. */
export interface TextResult {
  readonly columns: readonly { readonly name: string; readonly right: boolean }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface RenderOptions {
  readonly format: 'aligned' | 'unaligned' | 'csv' | 'json';
  readonly expanded: boolean;
  readonly tuplesOnly: boolean;
}

/** A result the way psql prints it. Ends with a line feed unless empty. */
export function renderRows(result: TextResult, options: RenderOptions): string {
  if (options.format === 'json') return result.rows.map((row) => `${jsonRow(result, row)}\n`).join('');
  if (options.format === 'csv') return renderCsv(result, options);
  if (options.expanded) return renderExpanded(result, options);
  return options.format === 'unaligned' ? renderUnaligned(result, options) : renderAligned(result, options);
}

function renderAligned({ columns, rows }: TextResult, { tuplesOnly }: RenderOptions): string {
  const cells = rows.map((row) => row.map((value) => (value ?? '').split('\n')));
  const widths = columns.map((column, index) => {
    const values = cells.flatMap((row) => row[index]!.map(displayWidth));
    return Math.max(tuplesOnly ? 0 : displayWidth(column.name), ...values);
  });
  const lines: string[] = [];
  if (!tuplesOnly) {
    lines.push(columns.map((column, index) => ` ${center(column.name, widths[index]!)} `).join('|'));
    lines.push(widths.map((width) => '-'.repeat(width + 2)).join('+'));
  }
  for (const row of cells) lines.push(...alignedRow(row, columns, widths));
  if (!tuplesOnly) lines.push(`(${rows.length} row${rows.length === 1 ? '' : 's'})`, '');
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** A row with line breaks takes several lines; psql marks the break with a plus. */
function alignedRow(row: readonly (readonly string[])[], columns: TextResult['columns'], widths: readonly number[]): string[] {
  const height = Math.max(1, ...row.map((cell) => cell.length));
  return Array.from({ length: height }, (_, line) => {
    const parts = row.map((cell, index) => {
      const text = cell[line] ?? '';
      const more = line < cell.length - 1 ? '+' : ' ';
      return ` ${columns[index]!.right ? padLeft(text, widths[index]!) : padRight(text, widths[index]!)}${more}`;
    });
    return parts.join('|').trimEnd();
  });
}

function renderUnaligned({ columns, rows }: TextResult, { tuplesOnly }: RenderOptions): string {
  const lines = rows.map((row) => row.map((value) => value ?? '').join('|'));
  const framed = tuplesOnly
    ? lines
    : [columns.map((column) => column.name).join('|'), ...lines, `(${rows.length} row${rows.length === 1 ? '' : 's'})`];
  return framed.length === 0 ? '' : `${framed.join('\n')}\n`;
}

function renderExpanded({ columns, rows }: TextResult, { tuplesOnly }: RenderOptions): string {
  if (rows.length === 0) return tuplesOnly ? '' : '(0 rows)\n\n';
  const nameWidth = Math.max(...columns.map((column) => displayWidth(column.name)));
  const valueWidth = Math.max(0, ...rows.flatMap((row) => row.flatMap((value) => (value ?? '').split('\n').map(displayWidth))));
  const records = rows.map((row, index) => {
    const title = `-[ RECORD ${index + 1} ]`;
    const rule = nameWidth + 1 >= title.length ? title.padEnd(nameWidth + 1, '-') : title;
    const head = `${rule}+${'-'.repeat(Math.max(0, valueWidth + 1 - Math.max(0, title.length - nameWidth - 1)))}`;
    const lines = columns.map(
      (column, at) => `${padRight(column.name, nameWidth)} | ${(row[at] ?? '').replaceAll('\n', `\n${' '.repeat(nameWidth)} | `)}`,
    );
    return [...(tuplesOnly ? [] : [head]), ...lines.map((line) => line.trimEnd())].join('\n');
  });
  return `${records.join('\n')}\n\n`;
}

function renderCsv({ columns, rows }: TextResult, { tuplesOnly }: RenderOptions): string {
  const quoted = (value: string | null): string => {
    if (value === null) return '';
    return value === '' || /[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  };
  const lines = rows.map((row) => row.map(quoted).join(','));
  if (!tuplesOnly) lines.unshift(columns.map((column) => quoted(column.name)).join(','));
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function jsonRow({ columns }: TextResult, row: readonly (string | null)[]): string {
  const members = columns.map((column, index) => {
    const value = row[index] ?? null;
    const bare = value !== null && column.right && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value);
    return `${JSON.stringify(column.name)}:${value === null ? 'null' : bare ? value : JSON.stringify(value)}`;
  });
  return `{${members.join(',')}}`;
}

/** Columns a text takes on a terminal: wide East Asian characters and emoji take two, combining marks none. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (/\p{Mark}|\u200d|\ufe0f/u.test(character)) continue;
    width += /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\uff01-\uff60]/u.test(character)
      ? 2
      : 1;
  }
  return width;
}

function padRight(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

function padLeft(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

function center(text: string, width: number): string {
  const free = Math.max(0, width - displayWidth(text));
  const left = Math.floor(free / 2);
  return ' '.repeat(left) + text + ' '.repeat(free - left);
}
