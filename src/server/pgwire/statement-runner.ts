import { SqlError, SqlState } from '../../base/index.ts';
import type { Batch } from '../../batch/index.ts';
import { writeCommandComplete, writeCopyResponse, writeRowDescription } from './backend-messages.ts';
import { CopyEncoder, headerLine } from './copy/index.ts';
import { receiveCopy } from './copy-receiver.ts';
import type { FormatCode } from './frontend-message.ts';
import type { IncomingMessages } from './incoming-messages.ts';
import { BackendCode } from './message-code.ts';
import { type BatchEncoder, ResultSender, type WireContext } from './result-sender.ts';
import { RowEncoder } from './row-encoder.ts';
import type { CopyOutResult, OutputStyle, ResultField, RowsResult, StatementResult } from './session-contract.ts';

/** Runs every statement of a Query message; everything but ReadyForQuery. Errors are thrown to the connection. */
export async function runSimpleQuery(context: WireContext, incoming: IncomingMessages, text: string): Promise<void> {
  const { scope, session } = context;
  scope.begin();
  for await (const result of session.simpleQuery(text)) {
    scope.throwIfCancelled();
    await sendResult(context, incoming, result);
    // The time limit is one of each statement.
    scope.begin();
  }
}

/** A whole result with its description, as the simple protocol shows it. */
async function sendResult(context: WireContext, incoming: IncomingMessages, result: StatementResult): Promise<void> {
  const { buffer } = context.output;
  if (result.kind === 'rows') {
    writeRowDescription(buffer, result.fields, []);
    const rows = await rowSender(result, [], context.session.outputStyle()).send(context);
    writeCommandComplete(buffer, result.tag(rows));
  } else {
    await sendWithoutRows(context, incoming, result);
  }
}

/** Results that look the same in the simple and the extended protocol. */
export async function sendWithoutRows(context: WireContext, incoming: IncomingMessages, result: Exclude<StatementResult, RowsResult>): Promise<void> {
  const { buffer } = context.output;
  switch (result.kind) {
    case 'empty':
      buffer.empty(BackendCode.emptyQueryResponse);
      return;
    case 'command':
      writeCommandComplete(buffer, result.tag);
      return;
    case 'copy-out':
      await sendCopyOut(context, result);
      return;
    case 'copy-in':
      writeCommandComplete(buffer, await receiveCopy(context, incoming, result));
      return;
  }
}

export function rowSender(result: RowsResult, formats: readonly FormatCode[], style: OutputStyle): ResultSender {
  return new ResultSender(result.batches, result.fields.length, (batch) => new RowEncoder(batch, formats, style));
}

async function sendCopyOut(context: WireContext, result: CopyOutResult): Promise<void> {
  const { buffer } = context.output;
  const style = context.session.outputStyle();
  writeCopyResponse(buffer, BackendCode.copyOutResponse, result.fields.length);
  if (result.format.header !== false) writeCopyData(context, headerLine(result.fields, result.format));
  const createEncoder = (batch: Batch): BatchEncoder => new CopyEncoder(batch, result.format, style);
  const rows = await new ResultSender(result.batches, result.fields.length, createEncoder).send(context);
  buffer.empty(BackendCode.copyDone);
  writeCommandComplete(buffer, `COPY ${rows}`);
}

function writeCopyData(context: WireContext, text: string): void {
  const { buffer } = context.output;
  const lengthAt = buffer.begin(BackendCode.copyData);
  buffer.text(text);
  buffer.end(lengthAt);
}

/** One format for each field, from the formats of a Bind message. */
export function expandFormats(formats: readonly FormatCode[], fields: readonly ResultField[]): FormatCode[] {
  if (formats.length > 1 && formats.length !== fields.length) {
    throw new SqlError({
      code: SqlState.protocolViolation,
      message: `bind message has ${formats.length} result formats but query has ${fields.length} columns`,
    });
  }
  return fields.map((_, index) => (formats.length === 1 ? formats[0]! : (formats[index] ?? 0)));
}
