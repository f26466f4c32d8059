/** A range of the statement text in UTF-16 code units: `start` inclusive, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What every node of the tree has: its kind and the text it was read from. */
export interface AstNode {
  readonly kind: string;
  readonly span: Span;
}

/**
 * A name as the user wrote it. `text` is the spelling without quotes and with doubled quotes undone; case is kept.
 * Folding is a decision of the dialect, see foldIdentifier.
 */
export interface Identifier {
  readonly kind: 'identifier';
  readonly text: string;
  /** True for "double quotes", `backticks` and U&"…". */
  readonly quoted: boolean;
  /** What the name means where the session's dialect has settled it; no parser sets it. */
  readonly meaning?: string;
  readonly span: Span;
}

/** `a`, `schema.a`, `catalog.schema.a`: at least one part. */
export interface QualifiedName {
  readonly kind: 'qualified-name';
  readonly parts: readonly Identifier[];
  readonly span: Span;
}
