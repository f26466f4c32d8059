import type { SqlError } from '../../base/index.ts';

/** 0 = text, 1 = binary. */
export type FormatCode = 0 | 1;

/**
 * Messages of the client, decoded.
 *
 *   Query     Q  text:string
 *   Parse     P  name:string text:string count:int16 oid:int32*
 *   Bind      B  portal:string statement:string
 *                count:int16 format:int16*  count:int16 (length:int32 value:byte*)*  count:int16 format:int16*
 *   Describe  D  'S' | 'P'  name:string
 *   Execute   E  portal:string rowsMax:int32
 *   Close     C  'S' | 'P'  name:string
 *   CopyData  d  byte*         CopyDone c         CopyFail f reason:string
 *   Flush H   Sync S   Terminate X   Password p   FunctionCall F
 */
export type FrontendMessage =
  | { readonly kind: 'query'; readonly text: string }
  | { readonly kind: 'parse'; readonly name: string; readonly text: string; readonly parameterOids: readonly number[] }
  | BindMessage
  | { readonly kind: 'describe'; readonly target: 'statement' | 'portal'; readonly name: string }
  | { readonly kind: 'execute'; readonly portal: string; readonly rowsMax: number }
  | { readonly kind: 'close'; readonly target: 'statement' | 'portal'; readonly name: string }
  | { readonly kind: 'copy-data'; readonly bytes: Uint8Array }
  | { readonly kind: 'copy-done' }
  | { readonly kind: 'copy-fail'; readonly reason: string }
  | { readonly kind: 'flush' }
  | { readonly kind: 'sync' }
  | { readonly kind: 'terminate' }
  | { readonly kind: 'function-call' }
  | { readonly kind: 'password' }
  /** The frame is right and its content is not; `simple`: of a message that is answered by ReadyForQuery itself. */
  | { readonly kind: 'broken'; readonly simple: boolean; readonly error: SqlError };

export interface BindMessage {
  readonly kind: 'bind';
  readonly portal: string;
  readonly statement: string;
  /** None: all text; one: for all; else one each. */
  readonly parameterFormats: readonly FormatCode[];
  /** Raw values; null is NULL. */
  readonly parameters: readonly (Uint8Array | null)[];
  readonly resultFormats: readonly FormatCode[];
}

/** The first packet of a connection. */
export type StartupPacket =
  | { readonly kind: 'ssl-request' }
  | { readonly kind: 'gss-encryption-request' }
  | { readonly kind: 'cancel-request'; readonly processId: number; readonly secret: number }
  | {
      readonly kind: 'startup';
      readonly majorVersion: number;
      readonly minorVersion: number;
      readonly parameters: ReadonlyMap<string, string>;
    };
