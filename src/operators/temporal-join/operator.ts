import type { OperatorFactory } from '../../spi/index.ts';
import { PresentJoin } from './present-join.ts';
import { temporalJoinSpecCodec } from './spec.ts';
import { VersionJoin } from './version-join.ts';

export const temporalJoinFactory: OperatorFactory = {
  kind: temporalJoinSpecCodec.kind,
  version: temporalJoinSpecCodec.version,
  create: (parameters, environment) => {
    const spec = temporalJoinSpecCodec.decode(parameters);
    return spec.versions === null ? new PresentJoin(spec, environment) : new VersionJoin({ ...spec, versions: spec.versions }, environment);
  },
  spillKeys: (parameters) => {
    const { keyCount } = temporalJoinSpecCodec.decode(parameters);
    const keys = Array.from({ length: keyCount }, (_, key) => key);
    return keyCount === 0 ? null : [keys, keys];
  },
  spillDue: (parameters) => {
    const { versions } = temporalJoinSpecCodec.decode(parameters);
    return versions === null ? [] : [{ table: 'left', column: versions.left, clock: 'watermark', latenessMicros: versions.latenessMicros }];
  },
};
