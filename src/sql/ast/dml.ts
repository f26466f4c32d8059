import type { Expression } from './expression.ts';
import type { FromItem } from './from-item.ts';
import type { Identifier, QualifiedName, Span } from './identifier.ts';
import type { Query, SelectItem, TableAlias, WithClause } from './query.ts';

export type DataManipulationStatement = RowModification | TruncateStatement;

/** What changes rows of a table one by one, and can say which with RETURNING. */
export type RowModification = InsertStatement | UpdateStatement | DeleteStatement | MergeStatement;

export interface InsertStatement {
  readonly kind: 'insert';
  readonly with: WithClause | null;
  readonly table: QualifiedName;
  readonly alias: Identifier | null;
  readonly columns: readonly Identifier[];
  readonly overriding: 'system' | 'user' | null;
  /** Null for DEFAULT VALUES. */
  readonly query: Query | null;
  readonly onConflict: OnConflict | null;
  readonly returning: readonly SelectItem[];
  readonly span: Span;
}

/** `error` and `deduplicate` are Flink's words. */
export interface OnConflict {
  readonly kind: 'on-conflict';
  /** The arbiter columns or expressions; empty when absent. */
  readonly target: readonly Expression[];
  readonly targetWhere: Expression | null;
  readonly constraint: Identifier | null;
  readonly action: 'nothing' | 'update' | 'error' | 'deduplicate';
  readonly assignments: readonly Assignment[];
  readonly where: Expression | null;
  readonly span: Span;
}

/** `column = value`; `(a, b) = (1, 2)` and `(a, b) = (SELECT …)` have several targets and one row or scalar subquery. */
export interface Assignment {
  readonly kind: 'assignment';
  readonly targets: readonly AssignmentTarget[];
  readonly value: Expression;
  readonly span: Span;
}

/** A column, with the path of fields or subscripts behind it. */
export interface AssignmentTarget {
  readonly kind: 'assignment-target';
  readonly column: Identifier;
  readonly path: readonly (Identifier | Expression)[];
  readonly span: Span;
}

export interface UpdateStatement {
  readonly kind: 'update';
  readonly with: WithClause | null;
  readonly table: QualifiedName;
  readonly alias: Identifier | null;
  readonly assignments: readonly Assignment[];
  readonly from: readonly FromItem[];
  readonly where: Expression | null;
  readonly returning: readonly SelectItem[];
  readonly span: Span;
}

export interface DeleteStatement {
  readonly kind: 'delete';
  readonly with: WithClause | null;
  readonly table: QualifiedName;
  readonly alias: Identifier | null;
  readonly using: readonly FromItem[];
  readonly where: Expression | null;
  readonly returning: readonly SelectItem[];
  readonly span: Span;
}

export interface MergeStatement {
  readonly kind: 'merge';
  readonly with: WithClause | null;
  readonly target: QualifiedName;
  readonly alias: TableAlias | null;
  readonly source: FromItem;
  readonly on: Expression;
  readonly clauses: readonly MergeClause[];
  readonly returning: readonly SelectItem[];
  readonly span: Span;
}

export interface MergeClause {
  readonly kind: 'merge-clause';
  readonly match: 'matched' | 'not matched' | 'not matched by source';
  readonly condition: Expression | null;
  readonly action: MergeAction;
  readonly span: Span;
}

export type MergeAction =
  | { readonly kind: 'merge-update'; readonly assignments: readonly Assignment[]; readonly span: Span }
  | { readonly kind: 'merge-delete'; readonly span: Span }
  | { readonly kind: 'merge-nothing'; readonly span: Span }
  | {
      readonly kind: 'merge-insert';
      readonly columns: readonly Identifier[];
      readonly overriding: 'system' | 'user' | null;
      /** Null for DEFAULT VALUES. */
      readonly values: readonly Expression[] | null;
      readonly span: Span;
    };

export interface TruncateStatement {
  readonly kind: 'truncate';
  readonly tables: readonly QualifiedName[];
  readonly restartIdentity: boolean;
  readonly cascade: boolean;
  readonly span: Span;
}
