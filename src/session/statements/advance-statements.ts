import { SqlError, SqlState } from '../../base/index.ts';
import { rowsOf } from '../../batch/index.ts';
import { type Expression, printExpression } from '../../sql/index.ts';
import { requireRelation } from '../ddl/object-name.ts';
import { relationId, type TestControls } from '../engine/index.ts';
import { cancellable, type StatementContext, type StatementHandler } from '../statement-context.ts';
import { resultOfQuery } from './asserted-rows.ts';
import { refuseInBlock } from './refuse-in-block.ts';

/** ADVANCE CLOCK {TO time | BY interval}: when it returns, what was due on the way is there to be read. Errors: 55000 where time is the machine's, 22023 for the past. */
export const advanceClock: StatementHandler<'advance-clock'> = {
  kind: 'advance-clock',
  async execute({ mode, value, span }, context) {
    const testing = requireTesting('ADVANCE CLOCK', span.start, context);
    refuseInBlock(context, 'ADVANCE CLOCK');
    const now = context.engine.clock.nowMicros();
    const target =
      mode === 'by' ? now + (await microsOf(`CAST(${printExpression(value)} AS INTERVAL)`, context)) : await timeOf(value, 'TIMESTAMPTZ', context);
    if (target < now) {
      throw new SqlError({ code: SqlState.invalidParameterValue, message: 'the clock cannot go back', position: value.span.start });
    }
    await cancellable(testing.advanceTo(target), context.signal);
    return { kind: 'command', tag: 'ADVANCE CLOCK' };
  },
};

/** ADVANCE WATERMARK stream TO time: as if each of its partitions had reached that time. Errors: 55000 where time is the machine's, 42809 for what has no watermark. */
export const advanceWatermark: StatementHandler<'advance-watermark'> = {
  kind: 'advance-watermark',
  async execute({ stream, to, span }, context) {
    requireTesting('ADVANCE WATERMARK', span.start, context);
    refuseInBlock(context, 'ADVANCE WATERMARK');
    const relation = requireRelation(stream, context);
    const column = relation.watermark === null ? undefined : relation.columns[relation.watermark.column];
    const micros = await timeOf(to, column?.type.kind === 'timestamptz' ? 'TIMESTAMPTZ' : 'TIMESTAMP', context);
    await cancellable(context.engine.cluster.advanceWatermark(relationId(relation), micros), context.signal);
    return { kind: 'command', tag: 'ADVANCE WATERMARK' };
  },
};

function requireTesting(what: string, position: number, { engine }: StatementContext): TestControls {
  const { testing } = engine.parts;
  if (testing !== undefined) return testing;
  throw new SqlError({
    code: SqlState.objectNotInPrerequisiteState,
    message: `${what} is for tests: here time is the machine's`,
    hint: 'fsql serve --test-clock starts a server whose time stands still until it is moved on; fsql test runs files of tests.',
    position,
  });
}

function timeOf(value: Expression, type: 'TIMESTAMP' | 'TIMESTAMPTZ', context: StatementContext): Promise<bigint> {
  return microsOf(`CAST(${printExpression(value)} AS ${type})`, context);
}

/** Errors: 22004 for NULL. */
async function microsOf(expression: string, context: StatementContext): Promise<bigint> {
  const { batches } = await resultOfQuery(`SELECT CAST(extract(epoch FROM ${expression}) * 1000000 AS BIGINT)`, context);
  for await (const batch of batches) {
    const micros = rowsOf(batch)[0]?.[0];
    if (typeof micros === 'bigint') return micros;
  }
  throw new SqlError({ code: SqlState.nullValueNotAllowed, message: 'the time is NULL' });
}
