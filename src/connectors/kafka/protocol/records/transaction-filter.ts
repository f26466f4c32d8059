import type { AbortedTransaction } from './fetched-partition.ts';
import { BatchAttribute, BatchPosition, ControlRecordType } from './record-batch-layout.ts';
import { readVarint, readVarlong, setVarintPosition, varintPosition } from './varint.ts';

/**
 * Decides which batches of one fetch answer a read_committed reader sees.
 *
 * The broker lists aborted transactions in the order they ended, which is not the order they began: they are sorted by first
 * offset here, and one joins the live set as soon as a batch reaches that far. Only a *control* batch can end a transaction;
 * a user record whose key looks like an abort marker cannot.
 */
export class TransactionFilter {
  readonly #pending: AbortedTransaction[];
  readonly #live = new Set<bigint>();
  #nextPending = 0;

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#pending = [...aborted].sort((left, right) => left.firstOffset - right.firstOffset);
  }

  /** True when the batch at `position` has to be left out. To be asked for every batch in order, control batches too. */
  drops(batch: DataView, bytes: Uint8Array, position: number, lastOffset: number): boolean {
    const attributes = batch.getInt16(position + BatchPosition.attributes);
    if ((attributes & BatchAttribute.transactional) === 0) return false;
    while (this.#nextPending < this.#pending.length && this.#pending[this.#nextPending]!.firstOffset <= lastOffset) {
      this.#live.add(this.#pending[this.#nextPending]!.producerId);
      this.#nextPending++;
    }
    const producerId = batch.getBigInt64(position + BatchPosition.producerId);
    if ((attributes & BatchAttribute.control) !== 0) {
      if (controlRecordType(batch, bytes, position) === ControlRecordType.abort) this.#live.delete(producerId);
      return true;
    }
    return this.#live.has(producerId);
  }
}

/** Control record key => version INT16, type INT16. */
function controlRecordType(batch: DataView, bytes: Uint8Array, position: number): number {
  setVarintPosition(position + BatchPosition.records);
  readVarint(bytes);
  setVarintPosition(varintPosition() + 1);
  readVarlong(bytes);
  readVarint(bytes);
  const keyLength = readVarint(bytes);
  const typePosition = varintPosition() + 2;
  return keyLength >= 4 && typePosition + 2 <= bytes.length ? batch.getInt16(typePosition) : -1;
}
