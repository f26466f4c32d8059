/** What came of the statements of a text, in order. */
export type SqlPart =
  /** A statement gives rows. */
  | { readonly kind: 'columns'; readonly columns: readonly { readonly name: string; readonly type: string }[] }
  /** Rows, each the text of a JSON object. */
  | { readonly kind: 'rows'; readonly rows: readonly string[] }
  /** A statement is done. */
  | { readonly kind: 'done'; readonly command: string }
  | { readonly kind: 'notice'; readonly severity: string; readonly message: string };

export interface SqlRequest {
  readonly sql: string;
  /** Values of $1 …, as JSON has them; null: the text has no parameters and may be several statements. */
  readonly params: readonly unknown[] | null;
}

/** Runs statements for whoever asks over HTTP, in a session of each request's own. */
export interface SqlService {
  /** Throws SqlError; statements before the one that fails stand as in a simple query. `signal`: whoever asked has gone. */
  run(request: SqlRequest, signal: AbortSignal): AsyncIterable<SqlPart>;
  /** Whether the rows of a text never end: SUBSCRIBE and EMIT CHANGES. */
  isSubscription(sql: string): boolean;
}
