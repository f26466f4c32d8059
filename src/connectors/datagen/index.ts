import type { ConnectorDefinition } from '../../spi/index.ts';
import { DatagenReader } from './datagen-reader.ts';
import { datagenOptions } from './options.ts';

/**
 * Generated rows, after Flink's datagen: random or sequential fields, a rate, bounded or not.
 *
 * Law: the row at a position is a function of seed, column and position alone, so that a replay after a crash repeats it.
 *
 * Start reading at generate.ts.
 */
export const datagen: ConnectorDefinition = {
  name: 'datagen',
  description: 'Generates rows.',
  options: datagenOptions,
  metadata: [],
  source: {
    needsFormat: false,
    bounded: (options) => options.has('number-of-rows'),
    listSplits: async (options, context) => {
      const end = options.get('number-of-rows');
      const parameters = { startMicros: String(context.clock.nowMicros()) };
      return [{ id: '0', parameters, start: 0, end: end === undefined ? null : Number(end) }];
    },
    createReader: (context) => new DatagenReader(context),
  },
  sink: null,
};
