import type { Expression } from './expression.ts';
import type { Identifier, QualifiedName, Span } from './identifier.ts';
import type { WithOption } from './option.ts';
import type { Query } from './query.ts';
import type { SubscribeStatement } from './subscribe.ts';

export type CursorStatement = DeclareCursor | DeclareSubscriptionCursor | FetchStatement | CloseCursor;

export interface DeclareCursor {
  readonly kind: 'declare-cursor';
  readonly name: Identifier;
  readonly binary: boolean;
  /** Null when neither SCROLL nor NO SCROLL was written. */
  readonly scroll: boolean | null;
  readonly insensitive: boolean;
  readonly hold: boolean;
  readonly query: Query | SubscribeStatement;
  readonly span: Span;
}

/** RisingWave's `DECLARE c SUBSCRIPTION CURSOR FOR u [SINCE … | FULL]`. */
export interface DeclareSubscriptionCursor {
  readonly kind: 'declare-subscription-cursor';
  readonly name: Identifier;
  readonly subscription: QualifiedName;
  readonly since: Expression | null;
  readonly full: boolean;
  readonly span: Span;
}

/** FETCH, and MOVE when `move` is set. */
export interface FetchStatement {
  readonly kind: 'fetch';
  readonly move: boolean;
  readonly direction: 'next' | 'prior' | 'first' | 'last' | 'absolute' | 'relative' | 'forward' | 'backward';
  /** `all` for FORWARD ALL and BACKWARD ALL; null where the direction has no count (and then it is 1). */
  readonly count: number | 'all' | null;
  readonly cursor: Identifier;
  /** RisingWave's `WITH (timeout = '1s')`. */
  readonly options: readonly WithOption[];
  readonly span: Span;
}

export interface CloseCursor {
  readonly kind: 'close-cursor';
  /** Null for ALL. */
  readonly name: Identifier | null;
  readonly span: Span;
}
