import type { OperatorFactory } from '../../spi/index.ts';
import { RecomputedMatches } from './recomputed-matches.ts';
import { matchRecognizeSpecCodec } from './spec.ts';
import { WatermarkMatches } from './watermark-matches.ts';

export const matchRecognizeFactory: OperatorFactory = {
  kind: matchRecognizeSpecCodec.kind,
  version: matchRecognizeSpecCodec.version,
  create: (parameters, environment) => {
    const spec = matchRecognizeSpecCodec.decode(parameters);
    return spec.mode === 'watermark' ? new WatermarkMatches(spec, environment) : new RecomputedMatches(spec, environment);
  },
  spillKeys: (parameters) => {
    const { mode, partitionBy, partitionKeyCount } = matchRecognizeSpecCodec.decode(parameters);
    // A search that goes on with the watermark is more than its rows, and looks at all of them whenever it moves.
    return mode === 'watermark' || partitionKeyCount === 0 ? null : [partitionBy.slice(0, partitionKeyCount)];
  },
};
