import type { DeleteStatement, InsertStatement, MergeStatement, UpdateStatement } from './dml.ts';
import type { Expression } from './expression.ts';
import type { Identifier, QualifiedName, Span } from './identifier.ts';
import type { WithOption } from './option.ts';
import type { Query } from './query.ts';
import type { SubscribeStatement } from './subscribe.ts';

/** `COPY table (columns) FROM | TO …` and `COPY (query) TO …`. */
export interface CopyStatement {
  readonly kind: 'copy';
  readonly source: CopyRelation | CopyQuery;
  readonly direction: 'from' | 'to';
  readonly target: CopyTarget;
  /** Keys in lower case; the old spellings (`CSV HEADER DELIMITER ','`) are read into the same keys. */
  readonly options: readonly WithOption[];
  /** `FROM … WHERE`; null when absent. */
  readonly where: Expression | null;
  readonly span: Span;
}

export interface CopyRelation {
  readonly kind: 'copy-relation';
  readonly name: QualifiedName;
  readonly columns: readonly Identifier[];
  readonly span: Span;
}

export interface CopyQuery {
  readonly kind: 'copy-query';
  readonly statement: Query | SubscribeStatement | InsertStatement | UpdateStatement | DeleteStatement | MergeStatement;
  readonly span: Span;
}

export interface CopyTarget {
  readonly kind: 'copy-target';
  readonly type: 'stdin' | 'stdout' | 'file' | 'program';
  /** The file name or the command; null for the standard streams. */
  readonly path: string | null;
  readonly span: Span;
}
