import type { OperatorFactory, SpillDue } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { SIDE_NAMES } from './create-side.ts';
import type { Expiry } from './expiry.ts';
import { MatchJoin } from './match-join.ts';
import { sidePlacement } from './side-placement.ts';
import { SingleJoin } from './single-join.ts';
import { type HashJoinSpec, hashJoinSpecCodec } from './spec.ts';

/** Of the time a row is kept, what rows on disk stay beyond it at least. */
const LINGER_MICROS_MIN = 10_000_000;

/** Rows that have expired match nothing, wherever they lie, so those on disk go many at a time: no bucket is read for each of its rows. */
function expiryDue(spec: HashJoinSpec, input: number, { column, slackMicros, clock }: Expiry, types: readonly SqlType[]): SpillDue {
  const lingerMicros = Math.max(LINGER_MICROS_MIN, Math.ceil(slackMicros / 2));
  return {
    table: SIDE_NAMES[input]!,
    column: sidePlacement(spec, input, types).front.length + column,
    clock: clock === 'epoch' ? 'touches' : 'watermark',
    latenessMicros: (clock === 'epoch' ? 0n : spec.latenessMicros) + BigInt(Math.ceil(slackMicros) + lingerMicros),
    forgotten: true,
  };
}

export const hashJoinFactory: OperatorFactory = {
  kind: hashJoinSpecCodec.kind,
  version: hashJoinSpecCodec.version,
  create: (parameters, environment) => {
    const spec = hashJoinSpecCodec.decode(parameters);
    return spec.joinType === 'single' ? new SingleJoin(spec, environment) : new MatchJoin(spec, environment);
  },
  spillKeys: (parameters) => {
    const { leftKeys, rightKeys } = hashJoinSpecCodec.decode(parameters);
    return leftKeys.length === 0 ? null : [leftKeys, rightKeys];
  },
  spillDue: (parameters, { inputColumns }) => {
    const spec = hashJoinSpecCodec.decode(parameters);
    return spec.expiry.flatMap((expiry, input) =>
      expiry === null
        ? []
        : [
            expiryDue(
              spec,
              input,
              expiry,
              inputColumns[input]!.map(({ type }) => type),
            ),
          ],
    );
  },
};
