import type { ConnectorDefinition, SinkWriter } from '../../spi/index.ts';

/**
 * A sink that takes everything and keeps nothing: for measuring.
 *
 * Nothing to start reading at: this is all of it.
 */
export const blackhole: ConnectorDefinition = {
  name: 'blackhole',
  description: 'Takes rows and forgets them.',
  options: [],
  metadata: [],
  source: null,
  sink: {
    needsFormat: false,
    acceptsUpdates: 'always',
    delivery: () => 'none',
    check: async () => undefined,
    createWriter: (): SinkWriter => ({
      ready: () => true,
      write: () => undefined,
      flushed: () => true,
      prepare: () => null,
      commit: async () => undefined,
      recover: async () => undefined,
      close: async () => undefined,
    }),
  },
};
