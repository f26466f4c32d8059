import { footerLines, type RenderOptions, type TextResult, type TextRow } from './text-result.ts';

const UNALIGNED_SEPARATOR = '|';

/** Cells with a bar between them and nothing else (psql's unaligned format). */
export function renderUnaligned(result: TextResult, options: RenderOptions): string {
  const { columns, rows, title } = result;
  const { tuplesOnly } = options;
  if (options.expanded) return renderUnalignedExpanded(result, options);
  const lines = rows.map((row) => unalignedRow(row, options));
  if (!tuplesOnly) {
    lines.unshift(columns.map((column) => column.name).join(UNALIGNED_SEPARATOR));
    if (title !== undefined) lines.unshift(title);
    lines.push(...footerLines(result));
  }
  return joined(lines);
}

export function unalignedRow(row: TextRow, options: RenderOptions): string {
  return row.map((value) => value ?? options.nullText ?? '').join(UNALIGNED_SEPARATOR);
}

function renderUnalignedExpanded({ columns, rows, title, footers }: TextResult, options: RenderOptions): string {
  const records = rows.map((row) =>
    columns.map((column, index) => `${column.name}${UNALIGNED_SEPARATOR}${row[index] ?? options.nullText ?? ''}`).join('\n'),
  );
  const titleLines = title === undefined || options.tuplesOnly ? [] : [title];
  const footerLines = options.tuplesOnly ? [] : (footers ?? []);
  return joined([...titleLines, ...(records.length === 0 ? [] : [records.join('\n\n')]), ...footerLines]);
}

/** Comma-separated values as RFC 4180 has them (psql's csv format). */
export function renderCsv({ columns, rows }: TextResult, options: RenderOptions): string {
  const names = columns.map((column) => csvCell(column.name));
  if (options.expanded) {
    return joined(rows.flatMap((row) => names.map((name, index) => `${name},${csvCell(row[index] ?? options.nullText ?? '')}`)));
  }
  const lines = rows.map((row) => csvRow(row, options));
  if (!options.tuplesOnly) lines.unshift(names.join(','));
  return joined(lines);
}

export function csvRow(row: TextRow, options: RenderOptions): string {
  return row.map((value) => csvCell(value ?? options.nullText ?? '')).join(',');
}

/** A lone `\.` would end a COPY, so psql quotes it, too. */
function csvCell(value: string): string {
  return value === '\\.' || /[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function joined(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
