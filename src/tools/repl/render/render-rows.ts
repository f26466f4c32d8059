import { renderAligned } from './render-aligned.ts';
import { renderCsv, renderUnaligned } from './render-delimited.ts';
import { renderExpanded } from './render-expanded.ts';
import type { RenderOptions, TextColumn, TextResult } from './text-result.ts';

/** A result the way psql prints it (psql reference, \pset). Ends with a line feed unless empty. */
export function renderRows(result: TextResult, options: RenderOptions): string {
  switch (options.format) {
    case 'json':
      return renderJson(result);
    case 'csv':
      return renderCsv(result, options);
    case 'unaligned':
      return renderUnaligned(result, options);
    case 'aligned':
      return options.expanded ? renderExpanded(result, options) : renderAligned(result, options);
  }
}

/** One object a line; numbers that JSON can write stay bare. */
function renderJson({ columns, rows }: TextResult): string {
  const names = columns.map((column) => JSON.stringify(column.name));
  const lines = rows.map((row) => {
    const members = columns.map((column, index) => `${names[index]}:${jsonValue(row[index] ?? null, column)}`);
    return `{${members.join(',')}}\n`;
  });
  return lines.join('');
}

function jsonValue(value: string | null, column: TextColumn): string {
  if (value === null) return 'null';
  const bare = column.right && /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value);
  return bare ? value : JSON.stringify(value);
}
