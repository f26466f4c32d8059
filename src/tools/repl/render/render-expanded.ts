import { cellLines, displayWidth, padRight } from './display-width.ts';
import type { RenderOptions, TextResult } from './text-result.ts';

/** A column a line, a frame a row (psql's expanded display, border 1). */
export function renderExpanded(result: TextResult, options: RenderOptions): string {
  const { columns, rows, title, footers } = result;
  const { tuplesOnly } = options;
  const nullText = options.nullText ?? '';
  const titleLines = title === undefined || tuplesOnly ? [] : [title];
  if (rows.length === 0) return `${[...titleLines, ...(tuplesOnly ? [] : (footers ?? ['(0 rows)'])), ''].join('\n')}\n`;
  const names = columns.map((column) => cellLines(column.name));
  const cells = rows.map((row) => row.map((value) => cellLines(value ?? nullText)));
  const nameWidth = widest(names);
  const valueWidth = widest(cells.flat());
  const lines: string[] = [...titleLines];
  cells.forEach((row, index) => {
    if (!tuplesOnly) lines.push(recordLine(`[ RECORD ${index + (result.firstRecord ?? 1)} ]`, nameWidth, valueWidth));
    else if (index > 0) lines.push(recordLine('', nameWidth, valueWidth));
    row.forEach((cell, column) => {
      lines.push(...fieldLines(names[column]!, cell, { nameWidth, valueWidth }));
    });
  });
  return `${[...lines, ...(tuplesOnly ? [] : (footers ?? [])), ''].join('\n')}\n`;
}

function widest(cells: readonly (readonly string[])[]): number {
  let width = 0;
  for (const cell of cells) for (const line of cell) width = Math.max(width, displayWidth(line));
  return width;
}

/** `-[ RECORD 1 ]-+----`: dashes with a plus above the bar, the label over it where it is longer. */
function recordLine(label: string, nameWidth: number, valueWidth: number): string {
  const bar = `${'-'.repeat(nameWidth + 1)}+${'-'.repeat(valueWidth + 1)}`;
  const head = `-${label}`;
  return head + bar.slice(head.length);
}

function fieldLines(name: readonly string[], value: readonly string[], widths: { nameWidth: number; valueWidth: number }): string[] {
  return Array.from({ length: Math.max(name.length, value.length) }, (_, line) => {
    const nameMore = line < name.length - 1 ? '+' : ' ';
    const head = `${padRight(name[line] ?? '', widths.nameWidth)}${nameMore}`;
    if (line >= value.length) return `${head}|`;
    const more = line < value.length - 1;
    return `${head}| ${more ? `${padRight(value[line]!, widths.valueWidth)}+` : value[line]}`;
  });
}
