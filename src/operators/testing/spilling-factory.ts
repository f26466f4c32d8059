import { SpillingOperator } from '../../runtime/index.ts';
import type { OperatorFactory } from '../../spi/index.ts';
import { memoryScratchPlace, type Scratch } from '../../state/index.ts';

/** The same operator with so little memory: what is more than `bytesMax` bytes of state spills. */
export function spillingFactory(
  factory: OperatorFactory,
  options: { readonly bytesMax: number; readonly openScratch?: () => Scratch },
): OperatorFactory {
  return {
    kind: factory.kind,
    version: factory.version,
    create: (parameters, environment, spec) =>
      new SpillingOperator({
        create: (own) => factory.create(parameters, own, spec),
        keys: factory.spillKeys!(parameters, environment)!,
        environment,
        bytesMax: () => options.bytesMax,
        openScratch: options.openScratch ?? (() => memoryScratchPlace().open(() => undefined)),
      }),
  };
}
