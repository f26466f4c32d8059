import type { Expression } from './expression.ts';
import type { Identifier, QualifiedName, Span } from './identifier.ts';
import type { TypeName } from './type-name.ts';

/** What stands between the parentheses of CREATE STREAM, TABLE and SOURCE. */
export type TableElement = ColumnDefinition | TableConstraint | WatermarkDefinition | LikeElement | AllColumnsElement;

/**
 * One column. Physical columns have a type; a computed one has `computed` and a type only if it was written;
 * a metadata one has `metadata`.
 */
export interface ColumnDefinition {
  readonly kind: 'column-definition';
  readonly name: Identifier;
  readonly type: TypeName | null;
  readonly computed: ComputedColumn | null;
  readonly metadata: MetadataColumn | null;
  readonly constraints: readonly ColumnConstraint[];
  readonly span: Span;
}

/** `cents AS price * 100`, `x INT AS (d).a`, `GENERATED ALWAYS AS (…) [STORED | VIRTUAL]`. */
export interface ComputedColumn {
  readonly kind: 'computed-column';
  readonly expression: Expression;
  readonly stored: boolean;
  readonly span: Span;
}

/** `METADATA [FROM 'key'] [VIRTUAL]`; ksqlDB's `HEADER('k')` is the key `headers.k`, its HEADERS is `headers`. */
export interface MetadataColumn {
  readonly kind: 'metadata-column';
  /** Null: the column's own name. */
  readonly key: string | null;
  readonly virtual: boolean;
  readonly span: Span;
}

export type ColumnConstraint =
  | NotNullConstraint
  | NullConstraint
  | DefaultConstraint
  | ColumnPrimaryKey
  | ColumnUnique
  | ColumnCheck
  | ReferencesConstraint
  | IdentityConstraint
  | LatenessConstraint
  | KeyConstraint
  | CollateConstraint
  | CommentConstraint;

interface ConstraintBase {
  /** `CONSTRAINT name`; null when absent. */
  readonly name: Identifier | null;
  readonly span: Span;
}

export interface NotNullConstraint extends ConstraintBase {
  readonly kind: 'not-null';
}

/** An explicit NULL. */
export interface NullConstraint extends ConstraintBase {
  readonly kind: 'nullable';
}

export interface DefaultConstraint extends ConstraintBase {
  readonly kind: 'default';
  readonly expression: Expression;
}

export interface ColumnPrimaryKey extends ConstraintBase {
  readonly kind: 'primary-key';
  readonly enforced: boolean;
}

export interface ColumnUnique extends ConstraintBase {
  readonly kind: 'unique';
  readonly nullsDistinct: boolean;
}

export interface ColumnCheck extends ConstraintBase {
  readonly kind: 'check';
  readonly expression: Expression;
  readonly noInherit: boolean;
}

export interface ReferencesConstraint extends ConstraintBase {
  readonly kind: 'references';
  readonly table: QualifiedName;
  readonly columns: readonly Identifier[];
  readonly onDelete: ReferentialAction | null;
  readonly onUpdate: ReferentialAction | null;
}

export type ReferentialAction = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default';

/** `GENERATED {ALWAYS | BY DEFAULT} AS IDENTITY [(…)]`. */
export interface IdentityConstraint extends ConstraintBase {
  readonly kind: 'identity';
  readonly always: boolean;
  readonly options: readonly SequenceOption[];
}

/** `START WITH 10`, `NO CYCLE`: `value` is a whole number in decimal, null where the words say all. */
export interface SequenceOption {
  readonly kind: 'sequence-option';
  readonly option: 'start' | 'increment' | 'minvalue' | 'maxvalue' | 'cache' | 'cycle' | 'no minvalue' | 'no maxvalue' | 'no cycle';
  readonly value: string | null;
  readonly span: Span;
}

/** Feldera's `LATENESS INTERVAL 1 HOUR`. */
export interface LatenessConstraint extends ConstraintBase {
  readonly kind: 'lateness';
  readonly expression: Expression;
}

/** ksqlDB's KEY: the column is the Kafka key of a stream. */
export interface KeyConstraint extends ConstraintBase {
  readonly kind: 'key';
}

export interface CollateConstraint extends ConstraintBase {
  readonly kind: 'collation';
  readonly collation: QualifiedName;
}

export interface CommentConstraint extends ConstraintBase {
  readonly kind: 'comment';
  readonly text: string;
}

export type TableConstraint = PrimaryKeyConstraint | UniqueConstraint | CheckConstraint | ForeignKeyConstraint;

export interface PrimaryKeyConstraint extends ConstraintBase {
  readonly kind: 'table-primary-key';
  readonly columns: readonly Identifier[];
  /** False when NOT ENFORCED was written. */
  readonly enforced: boolean;
}

export interface UniqueConstraint extends ConstraintBase {
  readonly kind: 'table-unique';
  readonly columns: readonly Identifier[];
  readonly nullsDistinct: boolean;
}

export interface CheckConstraint extends ConstraintBase {
  readonly kind: 'table-check';
  readonly expression: Expression;
  readonly noInherit: boolean;
}

export interface ForeignKeyConstraint extends ConstraintBase {
  readonly kind: 'table-foreign-key';
  readonly columns: readonly Identifier[];
  readonly table: QualifiedName;
  readonly referencedColumns: readonly Identifier[];
  readonly onDelete: ReferentialAction | null;
  readonly onUpdate: ReferentialAction | null;
}

/** `WATERMARK FOR column AS expression`; ksqlDB has none, RisingWave and Flink share it. */
export interface WatermarkDefinition {
  readonly kind: 'watermark';
  /** A path, since Flink allows a nested field. */
  readonly column: QualifiedName;
  readonly expression: Expression;
  readonly span: Span;
}

/** `LIKE a (INCLUDING ALL EXCLUDING OPTIONS)`, inside the parentheses (PostgreSQL) or behind them (Flink). */
export interface LikeElement {
  readonly kind: 'like-element';
  readonly table: QualifiedName;
  readonly options: readonly LikeOption[];
  readonly span: Span;
}

export interface LikeOption {
  readonly kind: 'like-option';
  readonly action: 'including' | 'excluding' | 'overwriting';
  /** `all`, `defaults`, `generated`, `watermarks`, …: lower case. */
  readonly feature: string;
  readonly span: Span;
}

/** RisingWave's `(*, gen INT AS …)`: all columns of the registry's schema. */
export interface AllColumnsElement {
  readonly kind: 'all-columns';
  readonly span: Span;
}
