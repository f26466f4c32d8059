import type { SourceChunk, SourceReader, Split } from '../../spi/index.ts';
import { cancellable, type StatementContext } from '../statement-context.ts';

const ROWS_PER_POLL = 1024;

type Options = ReadonlyMap<string, string>;

/** Where a relation begins and ends has nothing to do with what is in its topic. */
export function fromStart(options: Options, mode: 'earliest-offset' | 'latest-offset'): Options {
  const kept = [...options].filter(([name]) => !/^scan\.(startup|bounded)\./.test(name));
  return new Map([...kept, ['scan.startup.mode', mode]]);
}

/** Partitions of the topic, each with where it begins and, for a bounded read, ends. Errors: of the connector; FS001 for a topic that is not there. */
export async function topicSplits(options: Options, { engine, signal }: StatementContext): Promise<readonly Split[]> {
  const bound = engine.parts.bindConnector(options);
  const source = engine.registries.connectors.get(bound.get('connector')!)!.source!;
  const { clock, logger, parallelism } = engine;
  return cancellable(source.listSplits(bound, { clock, logger, parallelism }), signal);
}

/** What the connector's own reader gives of these partitions, in this process: no job, no epochs. Its arrays hold until the next turn. Ends when all are bounded and read. */
export async function* topicChunks(options: Options, context: StatementContext, given?: readonly Split[]): AsyncGenerator<SourceChunk> {
  const { engine, signal, notice } = context;
  const splits = given ?? (await topicSplits(options, context));
  const bound = engine.parts.bindConnector(options);
  const bell = new Bell();
  const { clock, logger } = engine;
  const source = engine.registries.connectors.get(bound.get('connector')!)!.source!;
  const reader = source.createReader({ options: bound, columns: [], clock, logger, wake: () => bell.ring() });
  let told: string | null = null;
  try {
    for (const split of splits) reader.addSplit(split, split.start);
    for (;;) {
      signal.throwIfAborted();
      const chunk = reader.poll(ROWS_PER_POLL, () => Number.POSITIVE_INFINITY);
      if (chunk !== null) {
        yield chunk;
        continue;
      }
      if (reader.status().every(({ finished }) => finished)) return;
      told = tellProblem(reader, told, notice);
      await cancellable(bell.heard(), signal);
    }
  } finally {
    await reader.close();
  }
}

/** What the reader waits for, once. */
function tellProblem(reader: SourceReader, told: string | null, notice: StatementContext['notice']): string | null {
  const problem = reader.problem();
  if (problem === null || problem.message === told) return problem === null ? null : told;
  notice({ severity: 'WARNING', code: problem.code, message: problem.message });
  return problem.message;
}

/** Rung between two waits it is heard at the second. */
class Bell {
  #rung = false;
  #listener: (() => void) | null = null;

  ring(): void {
    this.#rung = true;
    this.#listener?.();
  }

  async heard(): Promise<void> {
    if (!this.#rung) await new Promise<void>((resolve) => (this.#listener = resolve));
    this.#rung = false;
    this.#listener = null;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A key or value as text where it is UTF-8, else `\x` and its bytes; null: there is none. */
export function topicText(messages: SourceChunk['messages'], row: number): string | null {
  if (messages === null || messages.starts[row]! < 0) return null;
  const bytes = messages.data.subarray(messages.starts[row]!, messages.ends[row]!);
  try {
    const text = utf8.decode(bytes);
    // PostgreSQL's texts cannot have it.
    if (!text.includes('\0')) return text;
  } catch {
    // Not a text: shown as bytes.
  }
  return `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`;
}
