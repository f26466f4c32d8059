import type { Batch } from '../../batch/index.ts';
import type { Operator, OperatorFactory, Output } from '../../spi/index.ts';
import { unionAllSpecCodec } from './spec.ts';

/** Passes on whatever comes from whichever input. */
class UnionAll implements Operator {
  processBatch(_input: number, batch: Batch, out: Output): void {
    out.emit(batch);
  }
}

export const unionAllFactory: OperatorFactory = {
  kind: unionAllSpecCodec.kind,
  version: unionAllSpecCodec.version,
  create: () => new UnionAll(),
};
