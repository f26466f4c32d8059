import type { Expression, StringLiteral } from './expression.ts';
import type { Identifier, QualifiedName, Span } from './identifier.ts';
import type { WithOption } from './option.ts';
import type { Query } from './query.ts';
import type { OrderByItem } from './window.ts';

/** `SUBSCRIBE [TO] name | (query) [ENVELOPE …] [WITHIN TIMESTAMP ORDER BY …] [WITH (…)] [AS OF n] [UP TO n]`. */
export interface SubscribeStatement {
  readonly kind: 'subscribe';
  readonly source: QualifiedName | Query;
  readonly envelope: SubscribeEnvelope | null;
  readonly withinTimestampOrderBy: readonly OrderByItem[];
  /** `SNAPSHOT`, `PROGRESS`, with or without a value; keys in lower case. */
  readonly options: readonly WithOption[];
  readonly asOf: Expression | null;
  readonly upTo: Expression | null;
  readonly span: Span;
}

export interface SubscribeEnvelope {
  readonly kind: 'subscribe-envelope';
  readonly type: 'upsert' | 'debezium';
  readonly key: readonly Identifier[];
  readonly span: Span;
}

/** `PRINT {'topic' | name} [FROM BEGINNING] [INTERVAL n] [LIMIT n] [WITH (…)]`. */
export interface PrintStatement {
  readonly kind: 'print';
  /** A string is the name of a topic; a name that of a relation over one or of a topic. */
  readonly source: StringLiteral | QualifiedName;
  readonly fromBeginning: boolean;
  /** Every n-th record is shown; null: each. */
  readonly interval: number | null;
  readonly limit: number | null;
  /** How the topic is reached where no relation is over it. */
  readonly options: readonly WithOption[];
  readonly span: Span;
}
