import type { CatalogSnapshot } from '../catalog/index.ts';
import { type BindContext, type LogicalPlan, planInputs } from '../plan/index.ts';
import { catalogLookup, existingSchemas, StatementBinder } from './engine/index.ts';
import { declaredPath, searchPath } from './search-path.ts';
import { sessionActions } from './session-actions.ts';
import { SERVER_VERSION } from './settings/index.ts';
import type { StatementContext } from './statement-context.ts';

/** The binder of a statement: its session's search path, time zone and transaction time, its parameters' types. `named` is told where relations are named. */
export function binderOf(context: StatementContext, named?: BindContext['named']): StatementBinder {
  const { engine, definer, session, parameterTypes } = context;
  const path = searchPath(session);
  return new StatementBinder(engine, {
    catalog: boundCatalog(context).reader(path),
    evaluation: {
      nowMicros: session.transaction?.startMicros ?? engine.clock.nowMicros(),
      timeZone: session.settings.get('timezone'),
      catalog: catalogLookup({ system: engine.system, snapshot: definer.snapshot }, path),
      nextIdentity: (table, column) => {
        const relation = definer.snapshot.relationByOid(table);
        return relation?.columns[column - 1]?.identity === undefined ? null : engine.identities.next(relation, column - 1);
      },
      random: { nextFloat: () => engine.parts.random.nextFloat(), bytes: engine.parts.secretBytes },
      session: {
        user: session.user,
        database: session.database,
        schemas: existingSchemas(definer.snapshot, declaredPath(session)),
        processId: session.processId,
        version: `PostgreSQL ${SERVER_VERSION} (fsql ${session.settings.get('fsql_version')})`,
        setting: (name) => session.settings.find(name),
      },
      actions: sessionActions(context),
    },
    parameterTypes,
    ...(context.commonTable !== undefined && { commonTable: context.commonTable }),
    ...(named !== undefined && { named }),
    // A statement that is only described will be executed, and says it then.
    ...(context.parameters !== null && { warn: (warning) => context.warn(warning) }),
  });
}

/** What the names of a statement are found in. */
export function boundCatalog({ engine, session }: Pick<StatementContext, 'engine' | 'session'>): CatalogSnapshot {
  return session.transaction?.catalog ?? engine.snapshot;
}

/**
 * Whether a query means here what its text means as the definition of an object of that schema (StatementBinder.forCatalog), which is bound in UTC, finds names in the
 * object's schema and `public`, and of declared functions only its own. `plan`: of the query; recursions have names of where they are written, which differ.
 */
export function bindsAsStored(plan: LogicalPlan, schema: string, context: StatementContext): boolean {
  const { settings } = context.session;
  if (hasRecursion(plan)) return false;
  if (settings.get('timezone') !== 'UTC' || settings.get('sql_dialect') !== 'postgres') return false;
  const catalog = boundCatalog(context);
  if ([...catalog.functions()].length > 0) return false;
  const here = existingSchemas(catalog, searchPath(context.session));
  const there = existingSchemas(catalog, [schema, 'public']);
  return here.length === there.length && here.every((name, index) => name === there[index]);
}

function hasRecursion(plan: LogicalPlan): boolean {
  return plan.kind === 'recursion' || plan.kind === 'mutual-recursion' || planInputs(plan).some(hasRecursion);
}
