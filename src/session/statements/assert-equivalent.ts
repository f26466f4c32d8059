import { SqlError, SqlState } from '../../base/index.ts';
import type { CatalogSnapshot, Relation } from '../../catalog/index.ts';
import { quoteRelation } from '../../sql/index.ts';
import { requireRelation } from '../ddl/object-name.ts';
import type { StatementContext, StatementHandler } from '../statement-context.ts';
import { differing, passed, rowsOfQuery } from './asserted-rows.ts';

/**
 * ASSERT EQUIVALENT view: it holds what its query gives over its inputs, at one epoch. Errors: P0004, 42809 for what is no materialized view, 0A000 for replays, and for a
 * view over a topic that goes on while it is read.
 */
export const assertEquivalent: StatementHandler<'assert-equivalent'> = {
  kind: 'assert-equivalent',
  async execute({ relation: name, shuffleSeed, duplicate, late, span }, context) {
    if (shuffleSeed !== null || duplicate || late) {
      const hint =
        'A replay needs all inputs, which only a test keeps: put it into a .sql file, which fsql test runs. ASSERT EQUIVALENT view compares it with its query.';
      throw unsupported('ASSERT EQUIVALENT with SHUFFLE, DUPLICATE or LATE is not supported', hint, span.start);
    }
    const view = requireRelation(name, context);
    if (view.kind !== 'materialized view' || view.query === null) {
      throw new SqlError({ code: SqlState.wrongObjectType, message: `"${view.name}" is not a materialized view`, position: name.span.start });
    }
    refuseTopics(view, name.span.start, context);
    const query = view.query.replace(/\s+EMIT\s+[A-Z ]+$/i, '');
    return passed('ASSERT EQUIVALENT', await rowsOfQuery(differing(`(${query})`, `SELECT * FROM ${quoteRelation(view)}`), context), {
      message: `"${view.name}" does not hold what its query gives`,
      position: span.start,
    });
  },
};

/** In a test nothing comes while a topic is read. */
function refuseTopics(view: Relation, position: number, { engine, definer }: StatementContext): void {
  const topic = engine.parts.testing === undefined ? topicOf(view, definer.snapshot) : null;
  if (topic === null) return;
  const hint = 'ASSERT ROWS compares it with rows. In a test (fsql test, fsql serve --test-clock) nothing comes in between.';
  throw unsupported(`ASSERT EQUIVALENT of a view over "${topic.name}" is not supported: more may come while it is read`, hint, position);
}

function topicOf(view: Relation, snapshot: CatalogSnapshot): Relation | null {
  for (const oid of view.dependsOn) {
    const input = snapshot.relationByOid(oid);
    if (input === null) continue;
    if (input.kind === 'view') {
      const found = topicOf(input, snapshot);
      if (found !== null) return found;
    } else if (input.kind !== 'materialized view' && input.options !== null) return input;
  }
  return null;
}

function unsupported(message: string, hint: string, position: number): SqlError {
  return new SqlError({ code: SqlState.featureNotSupported, message, hint, position });
}
