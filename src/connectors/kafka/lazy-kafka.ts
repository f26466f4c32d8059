import { SqlError, SqlState } from '../../base/index.ts';
import type { SinkContext, SinkWriter, SourceContext, SourceReader, Split } from '../../spi/index.ts';

type KafkaModule = typeof import('./kafka-module.ts');

export function loadKafka(): Promise<KafkaModule> {
  return import('./kafka-module.ts');
}

/** A reader that is there at once and delivers when its module is loaded. */
export function lazyReader(context: SourceContext): SourceReader {
  let reader: SourceReader | null = null;
  let failure: SqlError | null = null;
  let closed = false;
  const waiting: { readonly split: Split; readonly position: number }[] = [];
  void loadKafka().then(
    ({ KafkaReader }) => {
      if (closed) return;
      reader = new KafkaReader(context);
      for (const { split, position } of waiting) reader.addSplit(split, position);
      context.wake();
    },
    (error: unknown) => {
      failure = moduleFailure(error);
      context.wake();
    },
  );
  return {
    poll: (rowsMax, limit) => {
      if (failure !== null) throw failure;
      return reader?.poll(rowsMax, limit) ?? null;
    },
    addSplit: (split, position) => {
      if (reader === null) waiting.push({ split, position });
      else reader.addSplit(split, position);
    },
    removeSplit: (split) => {
      waiting.splice(0, waiting.length, ...waiting.filter((one) => one.split.id !== split));
      reader?.removeSplit(split);
    },
    status: () =>
      reader?.status() ??
      waiting.map(({ split, position }) => ({ split: split.id, endPosition: split.end, finished: split.end !== null && position >= split.end })),
    problem: () => failure ?? reader?.problem() ?? null,
    close: async () => {
      closed = true;
      await reader?.close();
    },
  };
}

/** A writer that takes rows once its module is loaded. */
export function lazyWriter(context: SinkContext): SinkWriter {
  let writer: SinkWriter | null = null;
  let failure: SqlError | null = null;
  let closed = false;
  void loadKafka().then(
    ({ KafkaWriter }) => {
      if (!closed) writer = new KafkaWriter(context);
      context.wake();
    },
    (error: unknown) => {
      failure = moduleFailure(error);
      context.wake();
    },
  );
  return {
    ready: () => {
      if (failure !== null) throw failure;
      return writer?.ready() ?? false;
    },
    problem: () => writer?.problem?.() ?? null,
    write: (epoch, batch) => writer!.write(epoch, batch),
    flushed: (epoch) => {
      if (failure !== null) throw failure;
      return writer?.flushed(epoch) ?? true;
    },
    prepare: () => null,
    commit: async () => undefined,
    recover: async () => undefined,
    close: async () => {
      closed = true;
      await writer?.close();
    },
  };
}

function moduleFailure(error: unknown): SqlError {
  return new SqlError({ code: SqlState.internalError, message: 'the Kafka client could not be loaded', cause: error });
}
