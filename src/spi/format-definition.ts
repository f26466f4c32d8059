import type { Batch } from '../batch/index.ts';
import type { EdgeColumn } from '../jobgraph/index.ts';
import type { SqlType } from '../types/index.ts';
import type { OptionDefinition } from './option-definition.ts';

/** Messages to decode: message m is data[starts[m], ends[m]); start -1 means a null value. Columns made from them may refer to `data`. */
export interface EncodedMessages {
  readonly count: number;
  readonly data: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** `skip[m]` = 1 leaves message m out; absent: all are decoded. */
  readonly skip?: Uint8Array | undefined;
  /** The reader writes new messages into `data` from its next poll on: who keeps columns that refer to it takes a copy. Absent: it never does. */
  readonly reused?: boolean | undefined;
}

/** A column to decode: the path of keys from the message's root and the SQL type. Keys keep the spelling written in SQL. */
export interface DecodeField {
  readonly path: readonly string[];
  readonly type: SqlType;
  readonly nullable: boolean;
  /** False: validate only (a value of the wrong type still makes the row bad), do not produce a column. */
  readonly wanted: boolean;
  /** Place of the column among those of the message as they are declared, from 0: what formats without names go by. Absent: that of the field in the list. */
  readonly position?: number | undefined;
  /** A column of the relation's key, by which a row that has gone is known. Only in formats of changes. */
  readonly key?: boolean | undefined;
}

/** Rows that have gone: only the key columns have values. They come before the rows put by the same message. */
export interface TakenRows {
  readonly rowCount: number;
  /** Message of each row, ascending. */
  readonly messageOf: Int32Array;
  readonly columns: Batch['columns'];
}

export interface DecodedBatch {
  /** Rows decoded; row r came from message `messageOf[r]` (ascending; strictly, but in formats of changes). */
  readonly rowCount: number;
  readonly messageOf: Int32Array;
  /** One column for each wanted field, in order. */
  readonly columns: Batch['columns'];
  readonly failures: readonly { readonly message: number; readonly reason: string }[];
  /** Formats of changes only: what the messages take away. */
  readonly taken?: TakenRows | null;
}

export interface Decoder {
  /** Rows of all messages but null and skipped ones; bad ones are listed as failures. */
  decode(messages: EncodedMessages): DecodedBatch;
}

/** Encoded rows, row r = data[starts[r], ends[r]). */
export interface EncodedRows {
  readonly data: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export interface Encoder {
  encode(batch: Batch): EncodedRows;
}

/** Turns bytes into columns and back. */
export interface FormatDefinition {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionDefinition[];
  /** What a decoded message is: an added row, or a change. An encoder for changes reads the weights. */
  readonly changelogMode: 'append' | 'upsert' | 'retract';
  createDecoder(fields: readonly DecodeField[], options: ReadonlyMap<string, string>): Decoder;
  createEncoder(columns: readonly EdgeColumn[], options: ReadonlyMap<string, string>): Encoder;
}
