import { SpillingOperator } from '../../runtime/index.ts';
import type { OperatorFactory, Scratch, SpillRoom } from '../../spi/index.ts';
import { memoryScratchPlace } from '../../state/index.ts';

export interface SpillingOptions {
  readonly bytesMax: number;
  readonly openScratch?: () => Scratch;
}

/** The same operator with so little memory: what is more than `bytesMax` bytes of state spills. */
export function spillingFactory(factory: OperatorFactory, options: SpillingOptions): OperatorFactory {
  return {
    kind: factory.kind,
    version: factory.version,
    create: (parameters, environment, spec) => {
      const room: SpillRoom = {
        bytesMax: () => options.bytesMax,
        openScratch: options.openScratch ?? (() => memoryScratchPlace().open(() => undefined)),
        registerState: environment.registerState,
      };
      const keys = factory.spillKeys?.(parameters, environment) ?? null;
      if (keys === null) return factory.create(parameters, { ...environment, spillRoom: () => room }, spec);
      return new SpillingOperator({
        create: (own) => factory.create(parameters, own, spec),
        keys,
        due: factory.spillDue?.(parameters, environment) ?? [],
        environment,
        room,
      });
    },
  };
}
