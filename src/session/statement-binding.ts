import { StatementBinder } from './engine/index.ts';
import { searchPath } from './search-path.ts';
import type { StatementContext } from './statement-context.ts';

/** The binder of a statement: its session's search path, time zone and transaction time, its parameters' types. */
export function binderOf(context: StatementContext): StatementBinder {
  const { engine, session, parameterTypes } = context;
  return new StatementBinder(engine, {
    catalog: engine.snapshot.reader(searchPath(session)),
    evaluation: {
      nowMicros: session.transaction?.startMicros ?? engine.clock.nowMicros(),
      timeZone: session.settings.get('timezone'),
    },
    parameterTypes,
  });
}
