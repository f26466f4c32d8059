import { type Column, columnFromDatums, gatherColumn } from '../../batch/index.ts';
import type { DecodedBatch, DecodeField, Decoder, EncodedMessages, TakenRows } from '../../spi/index.ts';
import type { ChangeEnvelope } from './change-envelope.ts';
import { RowImages } from './row-images.ts';

type Failure = DecodedBatch['failures'][number];

/**
 * Change events to rows that are put and rows that are taken away. The rows inside an event are JSON objects and are decoded as such; of a row taken
 * away only the key is looked at. An event is taken whole or not at all.
 */
export class ChangeDecoder implements Decoder {
  readonly #envelope: ChangeEnvelope;
  readonly #rows: Decoder;
  readonly #keys: Decoder;
  /** For each wanted field its column among the decoded keys, or the type of a column of NULLs. */
  readonly #takenColumns: readonly (number | DecodeField['type'])[];

  constructor(fields: readonly DecodeField[], envelope: ChangeEnvelope, rowDecoder: (fields: readonly DecodeField[]) => Decoder) {
    const keys = fields.filter((field) => field.key === true);
    this.#envelope = envelope;
    this.#rows = rowDecoder(fields);
    this.#keys = rowDecoder(keys.map((field) => ({ ...field, wanted: true })));
    this.#takenColumns = fields.filter((field) => field.wanted).map((field) => (field.key === true ? keys.indexOf(field) : field.type));
  }

  decode(messages: EncodedMessages): DecodedBatch {
    const images = new RowImages();
    const failures: Failure[] = [];
    for (let message = 0; message < messages.count; message++) {
      const start = messages.starts[message]!;
      if (start < 0 || messages.skip?.[message] === 1) continue;
      const reason = this.#envelope.read({ message, data: messages.data, start, end: messages.ends[message]! }, images);
      if (reason === null) continue;
      images.forget(message);
      failures.push({ message, reason });
    }
    const put = this.#rows.decode({ ...rangesOf(images.put), data: messages.data, reused: messages.reused });
    const taken = this.#keys.decode({ ...rangesOf(images.taken), data: images.takenBytes });
    const messageOf = (image: number): number => images.put[image]!.message;
    const takenMessageOf = (image: number): number => images.taken[image]!.message;
    const rowFailures = [
      ...put.failures.map(({ message, reason }) => ({ message: messageOf(message), reason })),
      ...taken.failures.map(({ message, reason }) => ({ message: takenMessageOf(message), reason })),
    ];
    const bad = new Set(rowFailures.map(({ message }) => message));
    return {
      ...keptRows(put, { messageOf, bad, columns: put.columns }),
      taken: this.#takenRows(taken, takenMessageOf, bad),
      failures: onePerMessage([...failures, ...rowFailures]),
    };
  }

  #takenRows(decoded: DecodedBatch, messageOf: (image: number) => number, bad: ReadonlySet<number>): TakenRows | null {
    if (decoded.rowCount === 0) return null;
    const columns = this.#takenColumns.map((of) =>
      typeof of === 'number' ? decoded.columns[of]! : columnFromDatums(of, new Array<null>(decoded.rowCount).fill(null)),
    );
    return keptRows(decoded, { messageOf, bad, columns });
  }
}

function rangesOf(images: RowImages['put']): Pick<EncodedMessages, 'count' | 'starts' | 'ends'> {
  return {
    count: images.length,
    starts: Int32Array.from(images, (image) => image.start),
    ends: Int32Array.from(images, (image) => image.end),
  };
}

/** The rows of messages none of whose rows is bad. */
function keptRows(
  decoded: DecodedBatch,
  of: { readonly messageOf: (image: number) => number; readonly bad: ReadonlySet<number>; readonly columns: readonly Column[] },
): TakenRows {
  const messageOf = decoded.messageOf.subarray(0, decoded.rowCount).map(of.messageOf);
  if (of.bad.size === 0) return { rowCount: decoded.rowCount, messageOf, columns: of.columns };
  const kept = Int32Array.from(messageOf.keys()).filter((row) => !of.bad.has(messageOf[row]!));
  return {
    rowCount: kept.length,
    messageOf: kept.map((row) => messageOf[row]!),
    columns: of.columns.map((column) => gatherColumn(column, kept, kept.length)),
  };
}

/** A message is bad once, whatever is wrong with its rows. */
function onePerMessage(failures: readonly Failure[]): Failure[] {
  const first = new Map<number, Failure>();
  for (const failure of failures) if (!first.has(failure.message)) first.set(failure.message, failure);
  return [...first.values()].sort((left, right) => left.message - right.message);
}
