import { renderAligned } from './render-aligned.ts';
import { renderCsv, renderUnaligned } from './render-delimited.ts';
import { renderExpanded } from './render-expanded.ts';

/** A column as a table shows it. `right`: numbers stand to the right. */
export interface TextColumn {
  readonly name: string;
  readonly right: boolean;
}

/** A row as text cells; null is SQL NULL. */
export type TextRow = readonly (string | null)[];

/** A result as text. */
export interface TextResult {
  readonly columns: readonly TextColumn[];
  readonly rows: readonly TextRow[];
  /** A line above the table. */
  readonly title?: string;
  /** Lines below the table in the place of the number of rows. */
  readonly footers?: readonly string[];
  /** What the first row is counted as in expanded display, when rows come in parts; 1 by default. */
  readonly firstRecord?: number;
}

export interface RenderOptions {
  readonly format: 'aligned' | 'unaligned' | 'csv' | 'json';
  readonly expanded: boolean;
  readonly tuplesOnly: boolean;
  /** What stands for NULL, except in JSON; empty by default. */
  readonly nullText?: string;
}

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

/** `(3 rows)`, or what the result says instead. */
export function footerLines(result: TextResult): readonly string[] {
  if (result.footers !== undefined) return result.footers;
  const count = result.rows.length;
  return [`(${count} row${count === 1 ? '' : 's'})`];
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
