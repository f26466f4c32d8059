/** A column as RowDescription names it. */
export interface ResultColumn {
  readonly name: string;
  readonly typeOid: number;
}

/** Takes what a query text gives, in the server's order; the connection waits for each promise before it reads on. */
export interface ResultReceiver {
  columns(columns: readonly ResultColumn[]): void;
  /** Rows that arrived together. */
  rows(rows: readonly (readonly (string | null)[])[]): Promise<void>;
  /** A statement has ended; the tag is empty for an empty text. */
  complete(tag: string): Promise<void>;
  /** Bytes of COPY … TO STDOUT. */
  copyOut(chunk: Buffer): Promise<void>;
  /** Bytes for COPY … FROM STDIN. When it throws, the copy is given up with that message. */
  copyIn(): AsyncIterable<string | Uint8Array>;
}
