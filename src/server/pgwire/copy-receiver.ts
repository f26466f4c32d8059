import { SqlError, SqlState, toSqlError } from '../../base/index.ts';
import { writeCopyResponse } from './backend-messages.ts';
import { CopyDecoder } from './copy/index.ts';
import type { FrontendMessage } from './frontend-message.ts';
import type { IncomingMessages } from './incoming-messages.ts';
import { BackendCode } from './message-code.ts';
import type { WireContext } from './result-sender.ts';
import type { CopyInResult } from './session-contract.ts';

/**
 * COPY … FROM STDIN: asks the client for data and reads it to the end. Returns the command tag. After an error what the client
 * still sends of the copy is ignored by the connection's main loop.
 */
export async function receiveCopy(context: WireContext, incoming: IncomingMessages, result: CopyInResult): Promise<string> {
  writeCopyResponse(context.output.buffer, BackendCode.copyInResponse, result.fields.length);
  context.output.flush();
  try {
    await receiveData(context, incoming, result);
  } catch (error) {
    const reason = toSqlError(error);
    await result.abort(reason);
    throw reason;
  }
  return await result.finish();
}

async function receiveData(context: WireContext, incoming: IncomingMessages, result: CopyInResult): Promise<void> {
  const decoder = new CopyDecoder(result, context.session.outputStyle().timeZone);
  for (;;) {
    const message = incoming.take();
    if (message === undefined) await context.scope.wait(incoming.ready());
    else if (!(await receiveMessage(message, decoder, result))) break;
    context.scope.throwIfCancelled();
  }
  for (const batch of decoder.finish()) await result.write(batch, decoder.lines);
}

/** False at the end of the data. */
async function receiveMessage(message: FrontendMessage | null, decoder: CopyDecoder, result: CopyInResult): Promise<boolean> {
  switch (message?.kind) {
    case 'copy-data':
      for (const batch of decoder.push(message.bytes)) await result.write(batch, decoder.lines);
      return true;
    case 'copy-done':
      return false;
    case 'copy-fail':
      throw new SqlError({ code: SqlState.queryCanceled, message: `COPY from stdin failed: ${message.reason}` });
    case 'flush':
    case 'sync':
      // Clients of the extended protocol send Sync before they know that a copy has begun.
      return true;
    case 'broken':
      throw message.error;
    case undefined:
    case 'terminate':
      throw new SqlError({ code: SqlState.connectionFailure, message: 'unexpected EOF on client connection during COPY from stdin' });
    default:
      throw new SqlError({ code: SqlState.protocolViolation, message: `unexpected message ${message?.kind} during COPY from stdin` });
  }
}
