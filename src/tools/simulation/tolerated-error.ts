import { toSqlError } from '../../base/index.ts';
import { ProcessKilled } from './process-life.ts';
import { describe } from './simulated-server.ts';
import { Violation, type World } from './world.ts';

/** Classes of codes that say that the statement itself is wrong: none of ours is. */
const WRONG_STATEMENT = ['0A', '22', '23', '42', 'XX'];

/** A client goes on after a killed server and after what faults may cause; anything else is a violation. */
export function tolerate(world: World, doing: string, error: unknown): void {
  if (error instanceof ProcessKilled) return;
  if (error instanceof Violation) throw error;
  const problem = toSqlError(error);
  world.event(`${doing}: ${problem.code} ${problem.message}`);
  if (problem.class === 'internal' || WRONG_STATEMENT.some((start) => problem.code.startsWith(start))) {
    throw new Violation(`${doing}: ${describe(problem)}`);
  }
}
