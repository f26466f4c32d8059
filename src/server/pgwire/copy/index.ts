/**
 * The text of COPY: batches to lines and lines to batches, in PostgreSQL's text and CSV formats (COPY reference page, "File Formats").
 *
 * Knows no messages and no session: CopyData framing is the only thing of the wire that is written here, because a row is encoded
 * straight into its message.
 *
 * Start reading at copy-encoder.ts and copy-decoder.ts.
 */
export { CopyDecoder } from './copy-decoder.ts';
export { CopyEncoder, headerLine } from './copy-encoder.ts';
