import { encodeTypmod, type SqlType, typeLength, typeOid } from '../../types/index.ts';
import type { FormatCode } from './frontend-message.ts';
import { BackendCode, StartupCode } from './message-code.ts';
import type { ResultField, TransactionStatus } from './session-contract.ts';
import type { WireBuffer } from './wire-buffer.ts';

/** AuthenticationOk  R  0:int32 */
export function writeAuthenticationOk(out: WireBuffer): void {
  const lengthAt = out.begin(BackendCode.authentication);
  out.int32(0);
  out.end(lengthAt);
}

/** NegotiateProtocolVersion  v  newest:int32 count:int32 option:string* */
export function writeNegotiateProtocolVersion(out: WireBuffer, unknownOptions: readonly string[]): void {
  const lengthAt = out.begin(BackendCode.negotiateProtocolVersion);
  out.int32(StartupCode.protocol3);
  out.int32(unknownOptions.length);
  for (const option of unknownOptions) out.zeroTerminated(option);
  out.end(lengthAt);
}

/** ParameterStatus  S  name:string value:string */
export function writeParameterStatus(out: WireBuffer, name: string, value: string): void {
  const lengthAt = out.begin(BackendCode.parameterStatus);
  out.zeroTerminated(name);
  out.zeroTerminated(value);
  out.end(lengthAt);
}

/** BackendKeyData  K  processId:int32 secret:int32 */
export function writeBackendKeyData(out: WireBuffer, processId: number, secret: number): void {
  const lengthAt = out.begin(BackendCode.backendKeyData);
  out.int32(processId | 0);
  out.int32(secret | 0);
  out.end(lengthAt);
}

/** ReadyForQuery  Z  'I' | 'T' | 'E' */
export function writeReadyForQuery(out: WireBuffer, status: TransactionStatus): void {
  const lengthAt = out.begin(BackendCode.readyForQuery);
  out.byte(status.charCodeAt(0));
  out.end(lengthAt);
}

/** CommandComplete  C  tag:string */
export function writeCommandComplete(out: WireBuffer, tag: string): void {
  const lengthAt = out.begin(BackendCode.commandComplete);
  out.zeroTerminated(tag);
  out.end(lengthAt);
}

/** RowDescription  T  count:int16 (name:string relation:int32 column:int16 type:int32 size:int16 modifier:int32 format:int16)* */
export function writeRowDescription(out: WireBuffer, fields: readonly ResultField[], formats: readonly FormatCode[]): void {
  const lengthAt = out.begin(BackendCode.rowDescription);
  out.int16(fields.length);
  fields.forEach((field, index) => {
    out.zeroTerminated(field.name);
    out.int32(field.relationOid);
    out.int16(field.columnNumber);
    out.int32(wireTypeOid(field.type));
    out.int16(field.type.kind === 'unknown' ? -1 : typeLength(field.type));
    out.int32(encodeTypmod(field.type));
    out.int16(formats[index] ?? 0);
  });
  out.end(lengthAt);
}

/** ParameterDescription  t  count:int16 oid:int32* */
export function writeParameterDescription(out: WireBuffer, types: readonly SqlType[]): void {
  const lengthAt = out.begin(BackendCode.parameterDescription);
  out.int16(types.length);
  for (const type of types) out.int32(wireTypeOid(type));
  out.end(lengthAt);
}

/** CopyInResponse G, CopyOutResponse H  overallFormat:int8 count:int16 format:int16*; always text here. */
export function writeCopyResponse(out: WireBuffer, code: number, columnCount: number): void {
  const lengthAt = out.begin(code);
  out.byte(0);
  out.int16(columnCount);
  for (let column = 0; column < columnCount; column++) out.int16(0);
  out.end(lengthAt);
}

/** An untyped result column is text to the client, as in PostgreSQL since version 10. */
function wireTypeOid(type: SqlType): number {
  return typeOid(type.kind === 'unknown' ? { kind: 'text' } : type);
}
