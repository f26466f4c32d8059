import type { ConnectorDefinition } from '../../spi/index.ts';
import { FileWriter } from './file-writer.ts';
import { LineReader } from './line-reader.ts';
import { listSplits } from './list-splits.ts';
import { filesystemOptions, pathOption } from './options.ts';
import { machineFolder } from './sink-folder.ts';

/**
 * Files of lines, both directions: JSON lines and CSV, bounded when read, exactly once when written.
 *
 * A line is a message; a CSV value with a line break in it is two lines and ends in bad_rows.
 *
 * Start reading at list-splits.ts, stripes.ts and line-reader.ts, then file-writer.ts and part-names.ts.
 */
export const filesystem: ConnectorDefinition = {
  name: 'filesystem',
  description: 'Lines of files: JSON or CSV. A CSV value with a line end in it is two lines when it is read: bad rows.',
  options: filesystemOptions,
  metadata: [],
  source: {
    needsFormat: true,
    bounded: () => true,
    listSplits,
    createReader: (context) => new LineReader(context),
  },
  sink: {
    needsFormat: true,
    acceptsUpdates: 'never',
    delivery: () => 'exactly-once',
    check: async () => undefined,
    createWriter: (context) => new FileWriter(context, machineFolder(pathOption(context.options))),
  },
};
