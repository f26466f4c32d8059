import { cellLines, center, displayWidth, padLeft, padRight } from './display-width.ts';
import { footerLines, type RenderOptions, type TextColumn, type TextResult, type TextRow } from './text-result.ts';

/** A table with a frame of `|`, `-` and `+` (psql's aligned format, border 1). */
export function renderAligned(result: TextResult, options: RenderOptions): string {
  const { columns, rows, title } = result;
  const nullText = options.nullText ?? '';
  const cells = rows.map((row) => row.map((value) => cellLines(value ?? nullText)));
  const widths = alignedWidths(columns, cells);
  const lines: string[] = [];
  if (title !== undefined && !options.tuplesOnly) lines.push(titleLine(title, widths));
  if (!options.tuplesOnly) lines.push(...alignedHeader(columns, widths));
  for (const row of cells) lines.push(...alignedRow(row, columns, widths));
  if (!options.tuplesOnly) lines.push(...footerLines(result));
  return `${[...lines, ''].join('\n')}\n`;
}

/** Columns with the widths that were chosen for them. */
export interface AlignedLayout {
  readonly columns: readonly TextColumn[];
  readonly widths: readonly number[];
  readonly nullText: string;
}

/** The layout in which the names and the given rows have room. */
export function alignedLayout(columns: readonly TextColumn[], rows: readonly TextRow[], nullText: string): AlignedLayout {
  const cells = rows.map((row) => row.map((value) => cellLines(value ?? nullText)));
  return { columns, widths: alignedWidths(columns, cells), nullText };
}

/** Rows below a header that is printed already, in its widths; a longer cell pushes the rest of its row to the right. */
export function renderAlignedRows(rows: readonly TextRow[], { columns, widths, nullText }: AlignedLayout): string {
  const lines = rows.flatMap((row) => {
    const cells = row.map((value) => cellLines(value ?? nullText));
    return alignedRow(cells, columns, widths);
  });
  return lines.map((line) => `${line}\n`).join('');
}

/** Widths in which the names and the given cells have room. */
function alignedWidths(columns: readonly TextColumn[], cells: readonly (readonly (readonly string[])[])[]): number[] {
  return columns.map((column, index) => {
    let width = Math.max(...cellLines(column.name).map(displayWidth));
    for (const row of cells) for (const line of row[index]!) width = Math.max(width, displayWidth(line));
    return width;
  });
}

export function alignedHeader(columns: readonly TextColumn[], widths: readonly number[]): string[] {
  if (columns.length === 0) return ['--'];
  const names = columns.map((column) => cellLines(column.name));
  const height = Math.max(...names.map((lines) => lines.length));
  const lines = Array.from({ length: height }, (_, line) =>
    names.map((name, index) => ` ${center(name[line] ?? '', widths[index]!)}${line < name.length - 1 ? '+' : ' '}`).join('|'),
  );
  return [...lines, widths.map((width) => '-'.repeat(width + 2)).join('+')];
}

/** A row with line breaks takes several lines; a plus marks the break. The last column is not filled with blanks. */
function alignedRow(row: readonly (readonly string[])[], columns: readonly TextColumn[], widths: readonly number[]): string[] {
  const height = Math.max(1, ...row.map((cell) => cell.length));
  return Array.from({ length: height }, (_, line) => {
    const parts = row.map((cell, index) => {
      const text = cell[line] ?? '';
      const more = line < cell.length - 1;
      const last = index === row.length - 1;
      const width = widths[index]!;
      if (columns[index]!.right && line < cell.length) return ` ${padLeft(text, width)}${more ? '+' : last ? '' : ' '}`;
      if (last && !more) return ` ${text}`;
      return ` ${padRight(text, width)}${more ? '+' : ' '}`;
    });
    return parts.join('|');
  });
}

/** Centred above the table, or at the left when it is wider. */
function titleLine(title: string, widths: readonly number[]): string {
  const total = widths.reduce((sum, width) => sum + width + 3, -1);
  return ' '.repeat(Math.max(0, Math.floor((total - displayWidth(title)) / 2))) + title;
}
