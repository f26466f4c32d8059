import type { ColumnDefinition, TableConstraint, WatermarkDefinition } from './column.ts';
import type { ObjectKind } from './ddl.ts';
import type { Expression } from './expression.ts';
import type { Identifier, QualifiedName, Span } from './identifier.ts';
import type { OptionValue, WithOption } from './option.ts';
import type { Query } from './query.ts';
import type { TypeName } from './type-name.ts';

/** `ALTER kind [IF EXISTS] name action, …`. */
export interface AlterStatement {
  readonly kind: 'alter';
  readonly objectKind: ObjectKind;
  readonly ifExists: boolean;
  readonly name: QualifiedName;
  readonly actions: readonly AlterAction[];
  readonly span: Span;
}

/** `ALTER SYSTEM SET name {TO | =} {value, … | DEFAULT}`, `ALTER SYSTEM RESET {name | ALL}`. */
export interface AlterSystem {
  readonly kind: 'alter-system';
  /** Null for all. */
  readonly name: string | null;
  readonly nameSpan: Span;
  /** Null: back to the default. */
  readonly values: readonly OptionValue[] | null;
  readonly span: Span;
}

/** `ALTER JOB {name | 'id' | number} action, …`. */
export interface AlterJob {
  readonly kind: 'alter-job';
  readonly job: Expression | QualifiedName;
  readonly actions: readonly AlterAction[];
  readonly span: Span;
}

export type AlterAction =
  | { readonly kind: 'rename-to'; readonly name: Identifier; readonly span: Span }
  | { readonly kind: 'rename-column'; readonly from: Identifier; readonly to: Identifier; readonly span: Span }
  | { readonly kind: 'set-schema'; readonly schema: Identifier; readonly span: Span }
  | { readonly kind: 'owner-to'; readonly owner: Identifier; readonly span: Span }
  | { readonly kind: 'swap-with'; readonly name: QualifiedName; readonly span: Span }
  | { readonly kind: 'set-options'; readonly options: readonly WithOption[]; readonly span: Span }
  | { readonly kind: 'reset-options'; readonly keys: readonly string[]; readonly span: Span }
  /** ADAPTIVE and DEFAULT are a null parallelism. */
  | { readonly kind: 'set-parallelism'; readonly parallelism: number | null; readonly span: Span }
  | { readonly kind: 'add-column'; readonly ifNotExists: boolean; readonly column: ColumnDefinition; readonly span: Span }
  | { readonly kind: 'drop-column'; readonly ifExists: boolean; readonly column: Identifier; readonly cascade: boolean; readonly span: Span }
  | { readonly kind: 'add-constraint'; readonly constraint: TableConstraint; readonly span: Span }
  | { readonly kind: 'drop-constraint'; readonly ifExists: boolean; readonly name: Identifier; readonly cascade: boolean; readonly span: Span }
  | { readonly kind: 'add-watermark'; readonly watermark: WatermarkDefinition; readonly span: Span }
  | { readonly kind: 'column-type'; readonly column: Identifier; readonly type: TypeName; readonly using: Expression | null; readonly span: Span }
  | { readonly kind: 'column-default'; readonly column: Identifier; readonly expression: Expression | null; readonly span: Span }
  | { readonly kind: 'column-not-null'; readonly column: Identifier; readonly notNull: boolean; readonly span: Span }
  /** `ALTER MATERIALIZED VIEW m AS SELECT …`. */
  | { readonly kind: 'replace-query'; readonly query: Query; readonly span: Span }
  /** Flink's SUSPEND, RESUME and REFRESH of a materialized table. */
  | { readonly kind: 'suspend' | 'resume' | 'refresh'; readonly span: Span };
