import { SqlError, SqlState, toSqlError } from '../../base/index.ts';
import { type Datum, decodeBinary, parseDatum, type SqlType, typeByOid } from '../../types/index.ts';
import type { BindMessage, FormatCode } from './frontend-message.ts';
import { decodeUtf8 } from './payload-reader.ts';

/** pg_type oids of types that clients name and that we read as another type: json (114) as jsonb, unknown (705) as not given. */
const JSON_OID = 114;
const UNKNOWN_OID = 705;

/** The types a Parse message asks for; null where the statement decides. */
export function parameterTypes(oids: readonly number[]): (SqlType | null)[] {
  return oids.map((oid) => {
    if (oid === 0 || oid === UNKNOWN_OID) return null;
    if (oid === JSON_OID) return { kind: 'jsonb' };
    const type = typeByOid(oid);
    if (type === null) throw new SqlError({ code: SqlState.undefinedObject, message: `type with OID ${oid} does not exist` });
    return type;
  });
}

/** The values of a Bind message, decoded with the statement's parameter types. */
export function decodeParameters(message: BindMessage, types: readonly SqlType[], timeZone: string): (Datum | null)[] {
  if (types.length !== message.parameters.length) {
    const name = message.statement;
    throw new SqlError({
      code: SqlState.protocolViolation,
      message: `bind message supplies ${message.parameters.length} parameters, but prepared statement "${name}" requires ${types.length}`,
    });
  }
  return message.parameters.map((bytes, index) => {
    if (bytes === null) return null;
    const format = message.parameterFormats.length === 1 ? message.parameterFormats[0]! : (message.parameterFormats[index] ?? 0);
    try {
      return decodeParameter(bytes, types[index]!, { format, timeZone });
    } catch (error) {
      throw toSqlError(error).with({ where: `${portalName(message.portal)} parameter $${index + 1}` });
    }
  });
}

function decodeParameter(bytes: Uint8Array, type: SqlType, options: { format: FormatCode; timeZone: string }): Datum {
  if (options.format === 1) return decodeBinary(type, bytes);
  if (bytes.includes(0)) {
    throw new SqlError({ code: SqlState.characterNotInRepertoire, message: 'invalid byte sequence for encoding "UTF8": 0x00' });
  }
  return parseDatum(type, decodeUtf8(bytes), options);
}

function portalName(name: string): string {
  return name === '' ? 'unnamed portal' : `portal "${name}"`;
}
