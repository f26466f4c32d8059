import { Batch, batchFromRows, type Column, columnFromDatums, type Epoch, rowsOf } from '../../batch/index.ts';
import { boolType, canonicalKeyText, type Datum, int8Type, type SqlType, textType } from '../../types/index.ts';
import type { ResultField } from '../contract.ts';
import { resultField } from '../text-result.ts';

type Row = readonly (Datum | null)[];

interface NamedColumn {
  readonly name: string;
  readonly type: SqlType;
}

/** How changes are written as rows of a result. The first two columns are always fsql_epoch and fsql_progressed. */
export interface Envelope {
  readonly fields: readonly ResultField[];
  /** Rows of an epoch that can be written before the epoch is complete. */
  change(epoch: Epoch, batch: Batch): Batch | null;
  /** What is left to write of an epoch that is complete now. */
  complete(epoch: Epoch): Batch | null;
  /** The row that says that the epoch is complete. */
  progress(epoch: Epoch): Batch;
}

const leadingFields: readonly ResultField[] = [resultField('fsql_epoch', int8Type), resultField('fsql_progressed', boolType)];

function progressOf(fields: readonly ResultField[], epoch: Epoch): Batch {
  const types = fields.map((field) => field.type);
  return batchFromRows(types, [[BigInt(epoch), true, ...types.slice(2).map(() => null)]]);
}

function weightsOf({ rowCount, weights }: Batch): readonly number[] {
  return weights === null ? new Array<number>(rowCount).fill(1) : [...weights.subarray(0, rowCount)];
}

/** Every change as it comes, its multiplicity in fsql_diff. */
export function plainEnvelope(columns: readonly NamedColumn[]): Envelope {
  const fields = [...leadingFields, resultField('fsql_diff', int8Type), ...columns.map(({ name, type }) => resultField(name, type))];
  return {
    fields,
    change: (epoch, batch) => withLeading(epoch, batch),
    complete: () => null,
    progress: (epoch) => progressOf(fields, epoch),
  };
}

function withLeading(epoch: Epoch, batch: Batch): Batch {
  const { rowCount } = batch;
  const leading: Column[] = [
    columnFromDatums(int8Type, new Array<Datum>(rowCount).fill(BigInt(epoch))),
    columnFromDatums(boolType, new Array<Datum>(rowCount).fill(false)),
    columnFromDatums(
      int8Type,
      weightsOf(batch).map((weight) => BigInt(weight)),
    ),
  ];
  return new Batch(rowCount, [...leading, ...batch.columns]);
}

/** WITHIN TIMESTAMP ORDER BY: the changes of each epoch sorted; `compare` sees rows whose first column is fsql_diff. */
export function orderedEnvelope(columns: readonly NamedColumn[], compare: (left: Row, right: Row) => number): Envelope {
  const plain = plainEnvelope(columns);
  const types = plain.fields.map((field) => field.type);
  let rows: Row[] = [];
  return {
    ...plain,
    change(_, batch) {
      const weights = weightsOf(batch);
      rows.push(...rowsOf(batch).map((row, index) => [BigInt(weights[index]!), ...row]));
      return null;
    },
    complete(epoch) {
      if (rows.length === 0) return null;
      const sorted = rows.sort(compare);
      rows = [];
      return batchFromRows(
        types,
        sorted.map((row) => [BigInt(epoch), false, ...row]),
      );
    },
  };
}

interface KeyChange {
  readonly key: Row;
  before: Row | null;
  after: Row | null;
  inserts: number;
  deletes: number;
}

/**
 * ENVELOPE UPSERT and DEBEZIUM (Materialize's words): one row for each key and epoch. fsql_state is insert (DEBEZIUM only), upsert, delete or, when the key
 * had more than one row, key_violation. UPSERT gives the key and the other columns, DEBEZIUM the key and these before and after.
 */
export function keyedEnvelope(columns: readonly NamedColumn[], keys: readonly number[], type: 'upsert' | 'debezium'): Envelope {
  const values = columns.map((_, index) => index).filter((index) => !keys.includes(index));
  const named = (indexes: readonly number[], prefix = ''): ResultField[] =>
    indexes.map((index) => resultField(`${prefix}${columns[index]!.name}`, columns[index]!.type));
  const fields = [
    ...leadingFields,
    resultField('fsql_state', textType),
    ...named(keys),
    ...(type === 'upsert' ? named(values) : [...named(values, 'before_'), ...named(values, 'after_')]),
  ];
  const types = fields.map((field) => field.type);
  const nothing = values.map(() => null);
  const keyTypes = keys.map((index) => columns[index]!.type);
  let changes = new Map<string, KeyChange>();

  const entryOf = (row: Row): KeyChange => {
    const key = keys.map((index) => row[index] ?? null);
    const text = canonicalKeyText(keyTypes, key);
    let entry = changes.get(text);
    if (entry === undefined) {
      entry = { key, before: null, after: null, inserts: 0, deletes: 0 };
      changes.set(text, entry);
    }
    return entry;
  };
  const written = (epoch: Epoch, change: KeyChange): Row => {
    const { key, before, after, inserts, deletes } = change;
    const violated = inserts > 1 || deletes > 1;
    const state = violated ? 'key_violation' : inserts === 0 ? 'delete' : type === 'debezium' && deletes === 0 ? 'insert' : 'upsert';
    const old = violated ? nothing : (before ?? nothing);
    const now = violated ? nothing : (after ?? nothing);
    return [BigInt(epoch), false, state, ...key, ...(type === 'upsert' ? now : [...old, ...now])];
  };
  return {
    fields,
    change(_, batch) {
      const weights = weightsOf(batch);
      rowsOf(batch).forEach((row, index) => {
        const entry = entryOf(row);
        const weight = weights[index]!;
        const rest = values.map((column) => row[column] ?? null);
        if (weight > 0) {
          entry.inserts += weight;
          entry.after = rest;
        } else {
          entry.deletes -= weight;
          entry.before = rest;
        }
      });
      return null;
    },
    complete(epoch) {
      if (changes.size === 0) return null;
      const rows = [...changes.values()].map((change) => written(epoch, change));
      changes = new Map();
      return batchFromRows(types, rows);
    },
    progress: (epoch) => progressOf(fields, epoch),
  };
}
