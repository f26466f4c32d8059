import type { Batch } from '../../../batch/index.ts';
import { BackendCode } from '../message-code.ts';
import type { CopyFormat, OutputStyle, ResultField } from '../session-contract.ts';
import { textWriter, type ValueWriter } from '../text-writer.ts';
import { WeightedRowsEncoder } from '../weighted-rows-encoder.ts';
import type { WireBuffer } from '../wire-buffer.ts';
import { type CopyQuoting, copyQuoting } from './copy-quoting.ts';

const NEWLINE = 10;

/** Rows of one batch as lines of COPY TO, one CopyData message each, as PostgreSQL sends them. */
export class CopyEncoder extends WeightedRowsEncoder {
  readonly #writers: readonly ValueWriter[];
  readonly #quoting: CopyQuoting;

  constructor(batch: Batch, format: CopyFormat, style: OutputStyle) {
    super(batch);
    this.#writers = batch.columns.map((column) => textWriter(column, style));
    this.#quoting = copyQuoting(format, batch.columns);
  }

  protected override encodeRow(out: WireBuffer, row: number): void {
    const quoting = this.#quoting;
    const { columns } = this.batch;
    const lengthAt = out.begin(BackendCode.copyData);
    for (let index = 0; index < columns.length; index++) {
      if (index > 0) out.raw(quoting.delimiter);
      const valid = columns[index]!.valid;
      if (valid !== null && valid[row] === 0) {
        out.raw(quoting.nullText);
        continue;
      }
      const start = out.position;
      this.#writers[index]!(out, row);
      quoting.quote(out, start, index);
    }
    out.byte(NEWLINE);
    out.end(lengthAt);
  }
}

/** The HEADER line with its newline. */
export function headerLine(fields: readonly ResultField[], format: CopyFormat): string {
  const names = fields.map((field) => (format.format === 'csv' ? quoteCsvName(field.name, format) : escapeTextName(field.name, format)));
  return `${names.join(format.delimiter)}\n`;
}

function quoteCsvName(name: string, format: CopyFormat): string {
  const special = [format.delimiter, format.quote, '\n', '\r'].some((character) => name.includes(character));
  if (!special && name !== format.nullText) return name;
  let quoted = '';
  for (const character of name) quoted += character === format.quote || character === format.escape ? format.escape + character : character;
  return format.quote + quoted + format.quote;
}

function escapeTextName(name: string, format: CopyFormat): string {
  const escaped = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
  return format.delimiter === '\t' ? escaped : escaped.replaceAll(format.delimiter, `\\${format.delimiter}`);
}
