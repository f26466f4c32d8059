import type { OperatorFactory } from '../../spi/index.ts';
import { MatchJoin } from './match-join.ts';
import { SingleJoin } from './single-join.ts';
import { hashJoinSpecCodec } from './spec.ts';

export const hashJoinFactory: OperatorFactory = {
  kind: hashJoinSpecCodec.kind,
  version: hashJoinSpecCodec.version,
  create: (parameters, environment) => {
    const spec = hashJoinSpecCodec.decode(parameters);
    return spec.joinType === 'single' ? new SingleJoin(spec, environment) : new MatchJoin(spec, environment);
  },
  spillKeys: (parameters) => {
    const { leftKeys, rightKeys, expiry } = hashJoinSpecCodec.decode(parameters);
    return leftKeys.length === 0 || expiry.some((one) => one !== null) ? null : [leftKeys, rightKeys];
  },
};
