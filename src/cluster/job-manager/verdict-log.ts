import type { FutureVerdict, SplitVerdicts } from '../../spi/index.ts';
import type { VerdictsRecord } from '../../state/index.ts';

type Floor = SplitVerdicts['floors'][number];

/** All verdicts about one split since its start, kept for as long as its relation: views made later read the split from there. */
export class VerdictLog implements SplitVerdicts {
  readonly floors: Floor[] = [];
  readonly future: FutureVerdict[] = [];

  /** While a split stays idle its floor rises where it is. */
  add(verdicts: SplitVerdicts): void {
    for (const floor of verdicts.floors) {
      if (this.floors.at(-1)?.position === floor.position) this.floors.pop();
      this.floors.push(floor);
    }
    this.future.push(...verdicts.future);
  }

  clear(): void {
    this.floors.length = 0;
    this.future.length = 0;
  }
}

export function recordOfVerdicts({ floors, future }: SplitVerdicts): VerdictsRecord {
  return {
    floors: floors.map(({ position, micros }) => [position, String(micros)]),
    future: future.map(({ from, to, latestMicros }) => [from, to, String(latestMicros)]),
  };
}

export function verdictsOfRecord({ floors, future }: VerdictsRecord): SplitVerdicts {
  return {
    floors: floors.map(([position, micros]) => ({ position, micros: BigInt(micros) })),
    future: future.map(([from, to, latest]) => ({ from, to, latestMicros: BigInt(latest) })),
  };
}
