import { SqlError, SqlState } from '../../base/index.ts';
import { writeCommandComplete, writeParameterDescription, writeRowDescription } from './backend-messages.ts';
import type { BindMessage, FormatCode, FrontendMessage } from './frontend-message.ts';
import type { IncomingMessages } from './incoming-messages.ts';
import { BackendCode } from './message-code.ts';
import { decodeParameters, parameterTypes } from './parameter-decoder.ts';
import type { ResultSender, WireContext } from './result-sender.ts';
import type { Portal, RowsResult } from './session-contract.ts';
import { expandFormats, rowSender, sendWithoutRows } from './statement-runner.ts';

export type ExtendedMessage = Extract<FrontendMessage, { kind: 'parse' | 'bind' | 'describe' | 'execute' | 'close' }>;

/** How far a portal has come. */
interface PortalProgress {
  readonly formats: readonly FormatCode[];
  /** Rows under way; null before the first Execute and for statements without rows. */
  running: { readonly result: RowsResult; readonly sender: ResultSender } | null;
  /** A statement without rows has run. */
  finished: boolean;
}

/**
 * The messages of the extended protocol. Each method answers one message; an error is thrown to the connection, which then skips to
 * the next Sync. `text` is the statement the positions of an error refer to.
 */
export class ExtendedQuery {
  readonly #context: WireContext;
  readonly #incoming: IncomingMessages;
  readonly #progress = new WeakMap<Portal, PortalProgress>();
  #text: string | null = null;

  constructor(context: WireContext, incoming: IncomingMessages) {
    this.#context = context;
    this.#incoming = incoming;
  }

  get text(): string | null {
    return this.#text;
  }

  async handle(message: ExtendedMessage): Promise<void> {
    this.#text = null;
    switch (message.kind) {
      case 'parse':
        return this.#parse(message);
      case 'bind':
        return this.#bind(message);
      case 'describe':
        return message.target === 'statement' ? this.#describeStatement(message.name) : this.#describePortal(message.name);
      case 'execute':
        return this.#execute(message.portal, message.rowsMax);
      case 'close':
        return this.#close(message.target, message.name);
    }
  }

  async #parse(message: Extract<ExtendedMessage, { kind: 'parse' }>): Promise<void> {
    this.#text = message.text;
    await this.#context.session.prepare(message.name, message.text, parameterTypes(message.parameterOids));
    this.#context.output.buffer.empty(BackendCode.parseComplete);
  }

  async #bind(message: BindMessage): Promise<void> {
    const { session, output } = this.#context;
    const description = await session.describeStatement(message.statement);
    this.#text = description.text;
    const formats = expandFormats(message.resultFormats, description.fields ?? []);
    await session.bind(message.portal, message.statement, decodeParameters(message, description.parameterTypes, session.outputStyle().timeZone));
    this.#progress.set(this.#portal(message.portal), { formats, running: null, finished: false });
    output.buffer.empty(BackendCode.bindComplete);
  }

  async #describeStatement(name: string): Promise<void> {
    const { buffer } = this.#context.output;
    const description = await this.#context.session.describeStatement(name);
    this.#text = description.text;
    writeParameterDescription(buffer, description.parameterTypes);
    if (description.fields === null) buffer.empty(BackendCode.noData);
    else writeRowDescription(buffer, description.fields, []);
  }

  async #describePortal(name: string): Promise<void> {
    const { buffer } = this.#context.output;
    const portal = this.#portal(name);
    this.#text = portal.text;
    if (portal.fields === null) buffer.empty(BackendCode.noData);
    else writeRowDescription(buffer, portal.fields, this.#progressOf(portal).formats);
  }

  async #execute(name: string, rowsMax: number): Promise<void> {
    const portal = this.#portal(name);
    this.#text = portal.text;
    const progress = this.#progressOf(portal);
    if (progress.running === null) {
      if (progress.finished) {
        throw new SqlError({ code: SqlState.objectNotInPrerequisiteState, message: `portal "${name}" cannot be run` });
      }
      const result = await portal.execute();
      this.#context.scope.throwIfCancelled();
      if (result.kind !== 'rows') {
        progress.finished = true;
        return sendWithoutRows(this.#context, this.#incoming, result);
      }
      progress.running = { result, sender: rowSender(result, progress.formats, this.#context.session.outputStyle()) };
    }
    await this.#sendRows(progress.running, rowsMax);
  }

  /** As PostgreSQL, a portal that stopped exactly at its limit is suspended, even when no row is left. */
  async #sendRows({ result, sender }: NonNullable<PortalProgress['running']>, rowsMax: number): Promise<void> {
    const { buffer } = this.#context.output;
    const rows = await sender.send(this.#context, rowsMax === 0 ? Number.MAX_SAFE_INTEGER : rowsMax);
    if (rowsMax !== 0 && rows === rowsMax) buffer.empty(BackendCode.portalSuspended);
    else writeCommandComplete(buffer, result.tag(rows));
  }

  async #close(target: 'statement' | 'portal', name: string): Promise<void> {
    const { session, output } = this.#context;
    if (target === 'statement') {
      await session.closeStatement(name);
    } else {
      const portal = session.portal(name);
      if (portal !== null) await this.#progress.get(portal)?.running?.sender.close();
      await session.closePortal(name);
    }
    output.buffer.empty(BackendCode.closeComplete);
  }

  #portal(name: string): Portal {
    const portal = this.#context.session.portal(name);
    if (portal === null) throw new SqlError({ code: SqlState.invalidCursorName, message: `portal "${name}" does not exist` });
    return portal;
  }

  /** A portal that SQL's DECLARE made was never bound: text for all columns. */
  #progressOf(portal: Portal): PortalProgress {
    let progress = this.#progress.get(portal);
    if (progress === undefined) {
      progress = { formats: [], running: null, finished: false };
      this.#progress.set(portal, progress);
    }
    return progress;
  }
}
