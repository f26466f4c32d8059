import type { SqlError } from '../../base/index.ts';
import { BackendCode } from './message-code.ts';
import type { SessionNotice } from './session-contract.ts';
import type { WireBuffer } from './wire-buffer.ts';

export type ErrorSeverity = 'ERROR' | 'FATAL' | 'PANIC';

/**
 *   ErrorResponse   E  (field:byte1 value:string)* 0
 *   NoticeResponse  N  the same
 *
 * Fields (PostgreSQL documentation, "Error and Notice Message Fields"): S and V severity (localised and not), C SQLSTATE, M message,
 * D detail, H hint, P position, W where, s schema, t table, c column, d data type, n constraint, R routine.
 */
export function writeErrorResponse(out: WireBuffer, error: SqlError, options: { severity: ErrorSeverity; text: string | null }): void {
  const lengthAt = out.begin(BackendCode.errorResponse);
  writeFields(out, { ...error.fields(), code: error.code, severity: options.severity }, options.text);
  out.end(lengthAt);
}

/** `text` is the statement that positions refer to, if there is one. */
export function writeNoticeResponse(out: WireBuffer, notice: SessionNotice, text: string | null): void {
  const lengthAt = out.begin(BackendCode.noticeResponse);
  writeFields(out, notice, text);
  out.end(lengthAt);
}

interface ReportedFields extends Omit<SessionNotice, 'severity'> {
  readonly severity: string;
}

function writeFields(out: WireBuffer, fields: ReportedFields, text: string | null): void {
  const field = (type: string, value: string | undefined): void => {
    if (value === undefined) return;
    out.byte(type.charCodeAt(0));
    out.zeroTerminated(value);
  };
  field('S', fields.severity);
  field('V', fields.severity);
  field('C', fields.code);
  field('M', fields.message);
  field('D', fields.detail);
  field('H', fields.hint);
  if (fields.position !== undefined && text !== null) field('P', String(characterPosition(text, fields.position)));
  field('W', fields.where);
  field('s', fields.schema);
  field('t', fields.table);
  field('c', fields.column);
  field('d', fields.dataType);
  field('n', fields.constraint);
  field('R', fields.routine);
  out.byte(0);
}

/** 1-based position counted in characters (code points), from a 0-based one in UTF-16 units. */
function characterPosition(text: string, offset: number): number {
  let characters = 1;
  const end = Math.min(offset, text.length);
  for (let at = 0; at < end; at++) {
    const unit = text.charCodeAt(at);
    const pairFollows = unit >= 0xd800 && unit < 0xdc00 && at + 1 < text.length && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
    if (pairFollows) at++;
    characters++;
  }
  return characters;
}
