import type { OperatorFactory } from '../../spi/index.ts';
import { ROWS } from './partition-state.ts';
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
    const { partitionBy, partitionKeyCount } = matchRecognizeSpecCodec.decode(parameters);
    return partitionKeyCount === 0 ? null : [partitionBy.slice(0, partitionKeyCount)];
  },
  spillDue: (parameters) => {
    const { mode, latenessMicros } = matchRecognizeSpecCodec.decode(parameters);
    return mode === 'watermark' ? [{ table: ROWS, column: null, clock: 'watermark', latenessMicros }] : [];
  },
};
