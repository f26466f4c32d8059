import type { RawServerMessage } from './server-error.ts';

/** What the server says, as far as the simple query protocol and COPY need it; the shapes pg-protocol's parser makes. */
export type BackendMessage =
  | { readonly name: 'authenticationOk' | 'emptyQuery' | 'copyDone' | 'copyInResponse' | 'copyOutResponse' }
  | {
      readonly name:
        | 'authenticationCleartextPassword'
        | 'authenticationMD5Password'
        | 'authenticationSASL'
        | 'authenticationSASLContinue'
        | 'authenticationSASLFinal';
    }
  | { readonly name: 'parameterStatus'; readonly parameterName: string; readonly parameterValue: string }
  | { readonly name: 'backendKeyData'; readonly processID: number; readonly secretKey: number }
  | { readonly name: 'readyForQuery'; readonly status: string }
  | { readonly name: 'rowDescription'; readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[] }
  | { readonly name: 'dataRow'; readonly fields: readonly (string | null)[] }
  | { readonly name: 'commandComplete'; readonly text: string }
  | { readonly name: 'copyData'; readonly chunk: Buffer }
  | ({ readonly name: 'error' | 'notice' } & RawServerMessage);
