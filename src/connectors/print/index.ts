import { rowsOf } from '../../batch/index.ts';
import type { ConnectorDefinition, SinkContext, SinkWriter } from '../../spi/index.ts';
import { formatDatum } from '../../types/index.ts';

/**
 * A sink that writes one line a change to standard output, `+I[…]` and `-D[…]`, as Flink's print connector does.
 *
 * Nothing to start reading at: this is all of it.
 */
export const print: ConnectorDefinition = {
  name: 'print',
  description: 'Writes each change as a line to standard output.',
  options: [{ name: 'print-identifier', type: 'text', description: 'Text in front of each line.' }],
  metadata: [],
  source: null,
  sink: {
    needsFormat: false,
    acceptsUpdates: 'always',
    delivery: () => 'at-least-once',
    check: async () => undefined,
    createWriter: (context) => new PrintWriter(context),
  },
};

class PrintWriter implements SinkWriter {
  readonly #context: SinkContext;
  readonly #prefix: string;

  constructor(context: SinkContext) {
    this.#context = context;
    const identifier = context.options.get('print-identifier');
    this.#prefix = identifier === undefined ? '' : `${identifier}> `;
  }

  ready(): boolean {
    return true;
  }

  write(_epoch: number, batch: Parameters<SinkWriter['write']>[1]): void {
    const lines = rowsOf(batch).flatMap((row, index) => {
      const weight = batch.weights === null ? 1 : batch.weights[index]!;
      const values = row.map((value, column) => (value === null ? 'NULL' : formatDatum(this.#context.columns[column]!.type, value)));
      return new Array<string>(Math.abs(weight)).fill(`${this.#prefix}${weight > 0 ? '+I' : '-D'}[${values.join(', ')}]\n`);
    });
    process.stdout.write(lines.join(''));
  }

  flushed(): boolean {
    return true;
  }

  prepare(): null {
    return null;
  }

  async commit(): Promise<void> {
    // Lines are out when they are written; there is nothing to commit.
  }

  async recover(): Promise<void> {
    // Nothing is held back, so nothing has to be sent again.
  }

  async close(): Promise<void> {
    // Standard output belongs to the process.
  }
}
