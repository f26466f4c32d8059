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

/** `(3 rows)`, or what the result says instead. */
export function footerLines(result: TextResult): readonly string[] {
  if (result.footers !== undefined) return result.footers;
  const count = result.rows.length;
  return [`(${count} row${count === 1 ? '' : 's'})`];
}
