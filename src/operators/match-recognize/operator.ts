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
};
