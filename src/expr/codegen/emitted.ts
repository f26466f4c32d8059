import { type JsCode, js } from '../../base/index.ts';
import { isTextStorage } from '../../batch/index.ts';
import { type SqlType, storageKind } from '../../types/index.ts';
import type { EmittedForm, EmittedValue } from '../function-definition.ts';

/** A value in generated code together with the code that says whether it is NULL; `missing` null: it never is. */
export interface Emitted extends EmittedValue {
  readonly missing: JsCode | null;
}

/**
 * The form a value of a type takes wherever code paths meet. Text computed by evaluate may also travel as `datum`, so that a chain of
 * such calls does not encode and decode between them.
 */
export function canonicalForm(type: SqlType): EmittedForm {
  if (type.kind === 'bool') return 'boolean';
  if (storageKind(type) !== 'bytes') return 'number';
  return isTextStorage(type) || type.kind === 'bytea' ? 'bytes' : 'datum';
}

/** True for the integers whose interpreter form is bigint: their 64 bits may go beyond what a double holds. */
export function isWideInteger(type: SqlType): boolean {
  return type.kind === 'int8' || type.kind === 'time' || type.kind === 'timestamp' || type.kind === 'timestamptz';
}

export function orMissing(parts: readonly (JsCode | null)[]): JsCode | null {
  let code: JsCode | null = null;
  for (const part of parts) {
    if (part === null) continue;
    code = code === null ? part : js`${code} || ${part}`;
  }
  return code;
}
