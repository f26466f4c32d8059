import { SqlError, SqlState } from '../../base/index.ts';
import type { OperatorEnvironment } from '../../spi/index.ts';
import { AppendedSide } from './appended-side.ts';
import { JoinSide } from './join-side.ts';
import { sidePlacement } from './side-placement.ts';
import type { HashJoinSpec } from './spec.ts';
import type { StoredSide } from './stored-side.ts';

export const SIDE_NAMES = ['left', 'right'] as const;

/** What a side has to keep besides its rows. */
export interface SideNeeds {
  readonly totals: boolean;
  readonly matches: boolean;
}

export function keysOf(spec: HashJoinSpec, input: number): readonly number[] {
  return input === 0 ? spec.leftKeys : spec.rightKeys;
}

/** Rows that can be taken back, or that are found again to be shown or not. */
export function createJoinSide(spec: HashJoinSpec, input: number, needs: SideNeeds, environment: OperatorEnvironment): JoinSide {
  const types = environment.inputColumns[input]!.map((column) => column.type);
  const placement = sidePlacement(spec, input, types);
  const own = { keys: keysOf(spec, input), expiry: spec.expiry[input]!, loadedAsNew: environment.showsRestored };
  const side = new JoinSide(SIDE_NAMES[input]!, { types, placement, ...own, ...needs });
  environment.registerState(side.state);
  return side;
}

/** Rows that are only there to be joined. */
export function createStoredSide(
  spec: HashJoinSpec,
  input: number,
  needs: { readonly totals: boolean },
  environment: OperatorEnvironment,
): StoredSide {
  if (!environment.inputAppendOnly[input]!) return createJoinSide(spec, input, { ...needs, matches: false }, environment);
  const types = environment.inputColumns[input]!.map((column) => column.type);
  const placement = sidePlacement(spec, input, types);
  const own = { keys: keysOf(spec, input), expiry: spec.expiry[input]!, loadedAsNew: environment.showsRestored };
  const side = new AppendedSide(SIDE_NAMES[input]!, { types, placement, ...own, ...needs }, environment);
  environment.registerState(side.state);
  return side;
}

/** Ends the epoch of all sides. Errors: a row that is there a negative number of times, which no input may bring about. */
export function endEpochOf(sides: readonly StoredSide[]): void {
  for (const side of sides) {
    if (side.endEpoch()) continue;
    throw new SqlError({
      code: SqlState.internalError,
      message: `a row of the ${side.state.declaration.name} input of a join has a negative count`,
    });
  }
}
