import { SqlError, SqlState } from '../../base/index.ts';
import type { BoundInsert } from '../../plan/index.ts';
import type { InsertStatement } from '../../sql/index.ts';
import type { StatementContext } from '../statement-context.ts';

/** INSERT INTO a relation over a connector. Errors: 0A000, with the statement that does it. */
export function continuousInsert(bound: BoundInsert, statement: InsertStatement, _context: StatementContext): never {
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `"${bound.relation.name}" belongs to connector "${bound.relation.options!.get('connector')}" and cannot be written by INSERT yet`,
    hint: 'Use CREATE SINK … WITH (connector = …) AS SELECT ….',
    position: statement.table.span.start,
  });
}
