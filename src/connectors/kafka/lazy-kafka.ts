import { SqlError, SqlState } from '../../base/index.ts';
import type { OutboxStatus, SinkContext, SinkWriter, SourceContext, SourceReader, Split } from '../../spi/index.ts';
import { deliveryOf } from './options.ts';
import type { OpenLink } from './protocol/index.ts';

const NOTHING_HELD: OutboxStatus = { bytes: 0, full: false, marker: null };

export type KafkaModule = typeof import('./kafka-module.ts');

/** What stands between the connector and Kafka: the module with the protocol, loaded when it is needed, and how its links are made (default: the network). */
export interface KafkaParts {
  readonly load: () => Promise<KafkaModule>;
  readonly openLink?: OpenLink;
}

export function loadKafka(): Promise<KafkaModule> {
  return import('./kafka-module.ts');
}

/** A reader that is there at once and delivers when its module is loaded. */
export function lazyReader(context: SourceContext, { load, openLink }: KafkaParts): SourceReader {
  let reader: SourceReader | null = null;
  let failure: SqlError | null = null;
  let closed = false;
  const waiting: { readonly split: Split; readonly position: number }[] = [];
  void load().then(
    ({ KafkaReader }) => {
      if (closed) return;
      reader = new KafkaReader(context, openLink);
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
export function lazyWriter(context: SinkContext, { load, openLink }: KafkaParts): SinkWriter {
  let writer: SinkWriter | null = null;
  let failure: SqlError | null = null;
  let closed = false;
  const { job } = context;
  const loaded = load().then(({ KafkaWriter, createExactlyOnceWriter }) => {
    const exactly = job !== null && deliveryOf(context.options) === 'exactly-once';
    if (!closed) writer = exactly ? createExactlyOnceWriter(context, job, openLink) : new KafkaWriter(context, openLink);
    context.wake();
  });
  loaded.catch((error: unknown) => {
    failure = moduleFailure(error);
    context.wake();
  });
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
    prepare: (epoch) => writer?.prepare(epoch) ?? null,
    commit: async (epoch, committable) => writer?.commit(epoch, committable),
    recover: async (epoch, prepared) => {
      await loaded;
      await writer?.recover(epoch, prepared);
    },
    outbox: () => writer?.outbox?.() ?? NOTHING_HELD,
    stop: () => {
      closed = true;
      writer?.stop?.();
    },
    close: async () => {
      closed = true;
      await writer?.close();
    },
  };
}

function moduleFailure(error: unknown): SqlError {
  return new SqlError({ code: SqlState.internalError, message: 'the Kafka client could not be loaded', cause: error });
}
