import { JsonReader } from '../../batch/index.ts';
import { decodeUtf8 } from '../../types/index.ts';
import type { ChangeDialect, ChangeEnvelope, ChangeMessage } from './change-envelope.ts';
import { ImageKeys } from './key-of-image.ts';
import type { RowImages } from './row-images.ts';

/** Positions of the members read; those of the schema envelope follow. */
const OPERATION = 0;
const BEFORE = 1;
const AFTER = 2;
const MEMBERS = 3;

/**
 * Debezium: `{"op", "before", "after"}`, with or without the envelope `{"schema", "payload"}` around it (Debezium documentation, "Data change events").
 * c and r put a row, u puts one and takes the old one if its key was another, d takes one.
 */
class DebeziumEnvelope implements ChangeEnvelope {
  readonly #reader = new JsonReader(
    [[], ['payload']].flatMap((outer) => [
      [...outer, 'op'],
      [...outer, 'before'],
      [...outer, 'after'],
    ]),
  );
  readonly #keys: ImageKeys;

  constructor(key: readonly string[]) {
    this.#keys = new ImageKeys(key);
  }

  read({ message, data, start, end }: ChangeMessage, images: RowImages): string | null {
    const reason = this.#reader.read(data, start, end);
    if (reason !== null) return reason;
    const { starts, ends } = this.#reader.tokens;
    const base = starts[OPERATION]! >= 0 ? 0 : MEMBERS;
    if (starts[base + OPERATION]! < 0) return 'the change event has no "op"';
    const member = (index: number) => ({ start: starts[base + index]!, end: ends[base + index]! });
    const isObject = (index: number): boolean => starts[base + index]! >= 0 && data[starts[base + index]!] === 0x7b;
    const operation = decodeUtf8(data, starts[base]!, ends[base]!);
    const before = member(BEFORE);
    const after = member(AFTER);
    switch (operation) {
      case '"c"':
      case '"r"':
      case '"u"':
        if (!isObject(AFTER)) return `the change event ${operation} has no row in "after"`;
        if (isObject(BEFORE) && this.#keys.differ(data, before, after)) images.addTaken(message, [data.subarray(before.start, before.end)]);
        images.addPut(message, after.start, after.end);
        return null;
      case '"d"':
        if (!isObject(BEFORE)) return 'the change event "d" has no row in "before"';
        images.addTaken(message, [data.subarray(before.start, before.end)]);
        return null;
      default:
        return `the change event has the unknown "op" ${operation}`;
    }
  }
}

export const debezium: ChangeDialect = {
  createEnvelope: (key) => new DebeziumEnvelope(key),
  put: { prefix: '{"before":null,"after":', suffix: ',"op":"c"}' },
  taken: { prefix: '{"before":', suffix: ',"after":null,"op":"d"}' },
};
