import { nearestNames, SqlError, SqlState } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import type { Span } from '../../sql/index.ts';
import type { ScanPartitioning } from '../logical/index.ts';
import { notSupported } from './binder-error.ts';

/** The option of a relation over a connector that says it for every reader without a hint. */
export const SCAN_PARTITION = 'scan.partition';

const KINDS = ['forward', 'rebalance', 'rescale', 'global', 'hash(column, …)'];
const HASH = /^hash\s*\(([^()]*)\)$/i;

/** How rows of a relation come to the subtasks that read them, as it is written and where: in the hint PARTITION or the option scan.partition. */
export interface WrittenPartitioning {
  readonly text: string;
  readonly span: Span;
  readonly what: 'PARTITION' | `option "${typeof SCAN_PARTITION}"`;
}

type Scanned = Pick<Relation, 'name' | 'columns' | 'appendOnly'>;

/** Null: rows stay where they are. Errors: 22023, 42703 for a column there is not, 0A000 for what cannot be sent so. */
export function scanPartitioning(written: WrittenPartitioning, relation: Scanned): ScanPartitioning | null {
  const kind = written.text.trim().toLowerCase();
  switch (kind) {
    case 'forward':
      return null;
    case 'global':
      return { kind };
    case 'rebalance':
    case 'rescale':
      if (relation.appendOnly) return { kind };
      throw notSupported(
        `rows of "${relation.name}" change, so ${kind} could part a row from its retraction`,
        written.span,
        "Use 'hash(column, …)', which keeps equal rows together, or 'global'.",
      );
    case 'broadcast':
      throw notSupported(
        `${written.what} cannot send rows to all subtasks: each would count them once more`,
        written.span,
        "Use the hint BROADCAST for a side of a join, else 'hash(column, …)' or 'global'.",
      );
    default:
      return hashOf(written, relation);
  }
}

function hashOf({ text, span, what }: WrittenPartitioning, relation: Scanned): ScanPartitioning {
  const columns = HASH.exec(text.trim())?.[1];
  if (columns === undefined) throw invalid(`${what} does not know "${text}"`, span, `It takes: ${KINDS.join(', ')}.`);
  const names = columns.split(',').map((column) => column.trim());
  if (names.includes('')) throw invalid('hash() requires the names of columns', span, "Write 'hash(k)' or 'hash(k, v)'.");
  return { kind: 'hash', columns: names.map((name) => columnNamed(name, relation, span)) };
}

function columnNamed(name: string, { name: relation, columns }: Scanned, span: Span): number {
  const index = columns.findIndex((column) => column.name === name || column.name === name.toLowerCase());
  if (index >= 0) return index;
  const known = columns.map((column) => column.name);
  throw new SqlError({
    code: SqlState.undefinedColumn,
    message: `column "${name}" of relation "${relation}" does not exist`,
    hint: `Perhaps you meant "${nearestNames(name, known, 1)[0] ?? known[0]}". To send rows by an expression, declare a computed column of it.`,
    position: span.start,
  });
}

function invalid(message: string, span: Span, hint: string): SqlError {
  return new SqlError({ code: SqlState.invalidParameterValue, message, hint, position: span.start });
}
