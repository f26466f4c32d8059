import { Batch, BytesColumn, batchFromRows, columnFromDatums, type Epoch, rowsOf } from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';

const KEY_TYPES: readonly SqlType[] = [{ kind: 'int4' }, { kind: 'int8' }];
const BYTES_TYPE: SqlType = { kind: 'bytea' };
const TYPES: readonly SqlType[] = [...KEY_TYPES, BYTES_TYPE];

export interface Committable {
  readonly subtask: number;
  readonly epoch: Epoch;
  readonly bytes: Uint8Array;
}

/**
 * What has been prepared and is not committed yet, as state: it is part of the checkpoint that makes it due. All of it belongs to subtask 0 on restore, whatever
 * subtask prepared it, since the sink may be narrower by then.
 */
export class Committables {
  readonly #waiting = new Map<string, Committable>();
  readonly #dirty = new Map<string, Committable>();

  get count(): number {
    return this.#waiting.size;
  }

  get bytes(): number {
    let bytes = 0;
    for (const one of this.#waiting.values()) bytes += one.bytes.length;
    return bytes;
  }

  add(committable: Committable): void {
    const key = keyOf(committable);
    this.#waiting.set(key, committable);
    this.#dirty.set(key, committable);
  }

  /** What a checkpoint of `epoch` makes due, oldest first. */
  due(epoch: Epoch): Committable[] {
    return [...this.#waiting.values()]
      .filter((one) => one.epoch <= epoch)
      .sort((left, right) => left.epoch - right.epoch || left.subtask - right.subtask);
  }

  forget(committable: Committable): void {
    this.#waiting.delete(keyOf(committable));
    this.#dirty.set(keyOf(committable), committable);
  }

  stateTable(): StateTable {
    return {
      declaration: { name: 'committables', columns: TYPES, keyCount: 2, partitionKeyCount: 0, fleeting: true },
      collectDirty: () => {
        const changed = [...this.#dirty.entries()];
        this.#dirty.clear();
        const put = changed.filter(([key]) => this.#waiting.has(key)).map(([, one]) => one);
        const gone = changed.filter(([key]) => !this.#waiting.has(key)).map(([, one]) => one);
        const keys = keyBatch(put);
        return { upserts: new Batch(put.length, [...keys.columns, bytesOf(put)]), deletes: keyBatch(gone) };
      },
      load: (rows: Batch) => {
        for (const [subtask, epoch, bytes] of rowsOf(rows)) {
          const committable = { subtask: subtask as number, epoch: Number(epoch), bytes: bytes as Uint8Array };
          this.#waiting.set(keyOf(committable), committable);
        }
      },
      sizeBytes: () => this.bytes + 32 * this.#waiting.size,
      keyCount: () => this.#waiting.size,
    };
  }
}

function keyBatch(committables: readonly Committable[]): Batch {
  return batchFromRows(
    KEY_TYPES,
    committables.map(({ subtask, epoch }) => [subtask, BigInt(epoch)]),
  );
}

/** What they hold. That of a single one, which may be all that a sink has written since the last checkpoint, is not copied. */
function bytesOf(committables: readonly Committable[]): BytesColumn {
  const [only, second] = committables;
  if (only === undefined || second !== undefined)
    return columnFromDatums(
      BYTES_TYPE,
      committables.map(({ bytes }) => bytes),
    ) as BytesColumn;
  return new BytesColumn(BYTES_TYPE, { data: only.bytes, starts: new Int32Array(1), ends: Int32Array.of(only.bytes.length), valid: null });
}

function keyOf({ subtask, epoch }: Committable): string {
  return `${subtask}/${epoch}`;
}
