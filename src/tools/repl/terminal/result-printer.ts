import {
  type AlignedLayout,
  alignedHeader,
  alignedLayout,
  csvRow,
  renderAlignedRows,
  renderRows,
  type TextColumn,
  type TextRow,
  unalignedRow,
} from '../render/index.ts';
import type { ResultColumn, ResultReceiver } from '../wire/index.ts';
import type { DisplaySettings } from './display-settings.ts';
import type { TextSink } from './text-sink.ts';

/** Types psql sets to the right (print.c, column_type_alignment): int2, int4, int8, oid, xid, cid, float4, float8, money, numeric, xid8. */
const rightAlignedOids = new Set([21, 23, 20, 26, 28, 29, 700, 701, 790, 1700, 5069]);

export function textColumns(columns: readonly ResultColumn[]): TextColumn[] {
  return columns.map(({ name, typeOid }) => ({ name, right: rightAlignedOids.has(typeOid) }));
}

export interface ResultPrinterOptions {
  readonly settings: Readonly<DisplaySettings>;
  readonly sink: TextSink;
  /** Rows are shown as they come, because they may never end. */
  readonly live: boolean;
  /** Where COPY … FROM STDIN reads. */
  readonly copySource: () => AsyncIterable<string | Uint8Array>;
  /** Where COPY … TO STDOUT writes. */
  readonly copySink: TextSink;
}

/** Prints what a query text gives. Formats of one line a row are printed as rows come; tables wait for their widths, unless they are live. */
export class ResultPrinter implements ResultReceiver {
  readonly #options: ResultPrinterOptions;
  #columns: readonly TextColumn[] | null = null;
  #rows: TextRow[] = [];
  #layout: AlignedLayout | null = null;
  #rowCount = 0;
  #headed = false;
  #copiedOut = false;

  constructor(options: ResultPrinterOptions) {
    this.#options = options;
  }

  /** Rows of the last result. */
  get rowCount(): number {
    return this.#rowCount;
  }

  columns(columns: readonly ResultColumn[]): void {
    this.#columns = textColumns(columns);
    this.#rows = [];
    this.#layout = null;
    this.#rowCount = 0;
    this.#headed = false;
  }

  async rows(rows: readonly TextRow[]): Promise<void> {
    const firstRecord = this.#rowCount + 1;
    this.#rowCount += rows.length;
    const { format, expanded } = this.#options.settings;
    const byLine = format === 'json' || (format !== 'aligned' && !expanded);
    if (byLine) await this.#write(this.#header() + this.#lines(rows));
    else if (!this.#options.live) for (const row of rows) this.#rows.push(row);
    else if (expanded) await this.#write(renderRows({ columns: this.#columns!, rows, firstRecord }, this.#options.settings));
    else await this.#liveTable(rows);
  }

  async complete(tag: string): Promise<void> {
    const hadColumns = this.#columns !== null;
    if (hadColumns) await this.#finishResult();
    else this.#rowCount = Number(/^(?:INSERT \d+|UPDATE|DELETE|MERGE|COPY) (\d+)$/.exec(tag)?.[1] ?? 0);
    const { quiet, format } = this.#options.settings;
    const told = hadColumns ? /^(?:INSERT|UPDATE|DELETE|MERGE) /.test(tag) : tag !== '' && !this.#copiedOut;
    if (told && !quiet && format !== 'json') await this.#write(`${tag}\n`);
    this.#columns = null;
    this.#copiedOut = false;
  }

  async copyOut(chunk: Buffer): Promise<void> {
    this.#copiedOut = this.#options.copySink === this.#options.sink;
    await this.#options.copySink.write(chunk);
  }

  copyIn(): AsyncIterable<string | Uint8Array> {
    return this.#options.copySource();
  }

  #write(text: string): Promise<void> {
    return this.#options.sink.write(text);
  }

  async #finishResult(): Promise<void> {
    const { settings, live } = this.#options;
    const { format, expanded, tuplesOnly } = settings;
    const count = `(${this.#rowCount} row${this.#rowCount === 1 ? '' : 's'})\n`;
    if (format === 'json') return;
    if (format !== 'aligned' && !expanded) return this.#write(this.#header() + (format === 'unaligned' && !tuplesOnly ? count : ''));
    if (live && this.#rowCount > 0) return this.#write(expanded || tuplesOnly ? '' : `${count}\n`);
    await this.#write(renderRows({ columns: this.#columns!, rows: this.#rows }, settings));
    this.#rows = [];
  }

  /** The line of names above delimited rows, once. */
  #header(): string {
    const { format, tuplesOnly } = this.#options.settings;
    if (this.#headed || tuplesOnly || format === 'json') return '';
    this.#headed = true;
    return this.#lines([this.#columns!.map((column) => column.name)]);
  }

  #lines(rows: readonly TextRow[]): string {
    const { settings } = this.#options;
    if (settings.format === 'json') return renderRows({ columns: this.#columns!, rows }, settings);
    const line = settings.format === 'csv' ? csvRow : unalignedRow;
    return rows.map((row) => `${line(row, settings)}\n`).join('');
  }

  async #liveTable(rows: readonly TextRow[]): Promise<void> {
    const { nullText, tuplesOnly } = this.#options.settings;
    if (this.#layout === null) {
      this.#layout = alignedLayout(this.#columns!, rows, nullText);
      if (!tuplesOnly) await this.#write(`${alignedHeader(this.#columns!, this.#layout.widths).join('\n')}\n`);
    }
    await this.#write(renderAlignedRows(rows, this.#layout));
  }
}
