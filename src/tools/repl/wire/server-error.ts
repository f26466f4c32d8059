import { renderCaret } from '../../../sql/index.ts';

/** What ErrorResponse and NoticeResponse carry (PostgreSQL protocol, "Error and Notice Message Fields"). */
export interface ServerMessage {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  /** Counted in characters from one, into the text of the statement. */
  readonly position?: number | undefined;
  readonly where?: string | undefined;
  readonly schema?: string | undefined;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  readonly dataType?: string | undefined;
  readonly constraint?: string | undefined;
}

/** The server refused or gave up a statement, or the connection itself (FATAL). */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly fields: ServerMessage;

  constructor(fields: ServerMessage) {
    super(fields.message);
    this.fields = fields;
  }
}

/** The connection is gone; nothing more can be asked. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';
}

/** An error or notice as psql prints it: message, the line with a caret, DETAIL, HINT, CONTEXT. `text` is what the position refers to. */
export function serverMessageText(fields: ServerMessage, text?: string): string {
  const lines = [`${fields.severity}:  ${fields.message}`];
  if (fields.position !== undefined && text !== undefined) lines.push(renderCaret(text, utf16Offset(text, fields.position)));
  if (fields.detail !== undefined) lines.push(`DETAIL:  ${fields.detail}`);
  if (fields.hint !== undefined) lines.push(`HINT:  ${fields.hint}`);
  if (fields.where !== undefined) lines.push(`CONTEXT:  ${fields.where}`);
  return `${lines.join('\n')}\n`;
}

function utf16Offset(text: string, position: number): number {
  let offset = 0;
  let characters = 1;
  for (const character of text) {
    if (characters++ >= position) break;
    offset += character.length;
  }
  return offset;
}

/** The fields as pg-protocol's parser gives them. */
export interface RawServerMessage {
  readonly message?: string | undefined;
  readonly severity?: string | undefined;
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly position?: string | undefined;
  readonly where?: string | undefined;
  readonly schema?: string | undefined;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  readonly dataType?: string | undefined;
  readonly constraint?: string | undefined;
}

/** The fields of a message as pg-protocol parsed it. */
export function serverMessageOf(raw: RawServerMessage): ServerMessage {
  const { detail, hint, where, schema, table, column, dataType, constraint } = raw;
  return {
    severity: raw.severity ?? 'ERROR',
    code: raw.code ?? 'XX000',
    message: raw.message ?? '',
    position: raw.position === undefined ? undefined : Number(raw.position),
    ...{ detail, hint, where, schema, table, column, dataType, constraint },
  };
}
