import { assert, SqlError, SqlState } from '../../base/index.ts';
import { type Batch, concatBatches, type Epoch, encodedSize } from '../../batch/index.ts';
import type { OutboxStatus, Prepared, SinkContext, SinkWriter, TableDelivery } from '../../spi/index.ts';
import { decodeEpochs, type EpochOfRows, encodeEpochs } from './waiting-epochs.ts';

/** Sent and not in the table yet: above it the job fails, and begins again where the table is. */
const WAITING_BYTES_MAX = 1024 * 1024 * 1024;

/** An epoch that the table does not have yet. */
interface WaitingEpoch extends EpochOfRows {
  readonly bytes: number;
  /** Part of a committable: a checkpoint has it, or will. */
  prepared: boolean;
}

interface WaitingCommit {
  readonly epoch: Epoch;
  readonly resolve: () => void;
  readonly reject: (error: SqlError) => void;
}

/** Sends each epoch as soon as it is whole. Nothing waits for the answer but the end of a commit: the table may be held by a statement that waits for this job. */
export class TableWriter implements SinkWriter {
  readonly #context: SinkContext;
  readonly #delivery: TableDelivery;
  /** Of the epoch under way. */
  #rows: Batch[] = [];
  #waiting: WaitingEpoch[] = [];
  #waitingBytes = 0;
  #commits: WaitingCommit[] = [];
  #taken: Epoch | null = null;
  #problem: SqlError | null = null;
  #stopped = false;

  constructor(context: SinkContext) {
    assert(context.tableDelivery !== null, 'rows reach a stored table from a job only');
    this.#context = context;
    this.#delivery = context.tableDelivery((through, problem) => this.#answered(through, problem));
  }

  ready(): boolean {
    return true;
  }

  problem(): SqlError | null {
    return this.#problem;
  }

  write(_epoch: Epoch, batch: Batch): void {
    if (batch.rowCount > 0) this.#rows.push(batch);
  }

  endEpoch(epoch: Epoch): void {
    if (this.#rows.length === 0) return;
    const rows = concatBatches(this.#rows);
    this.#rows = [];
    if (this.#waitingBytes > WAITING_BYTES_MAX) {
      throw new SqlError({
        code: SqlState.outOfMemory,
        message: `sink "${this.#context.sink}" has ${this.#waitingBytes} bytes that its table has not taken`,
        hint: 'A long statement may hold the table.',
        class: 'external',
      });
    }
    this.#send({ epoch, rows }, false);
  }

  flushed(_epoch: Epoch): boolean {
    return true;
  }

  /** Epochs that an earlier checkpoint has stay with its committable. */
  prepare(_epoch: Epoch): Uint8Array | null {
    const fresh = this.#waiting.filter(({ prepared }) => !prepared);
    for (const one of fresh) one.prepared = true;
    return fresh.length === 0 ? null : encodeEpochs(fresh);
  }

  commit(epoch: Epoch, _committable: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#commits.push({ epoch, resolve, reject });
      this.#settleCommits();
    });
  }

  async recover(_lastCommittedEpoch: Epoch, prepared: readonly Prepared[]): Promise<void> {
    for (const one of prepared) for (const epoch of decodeEpochs(one.bytes)) this.#send(epoch, true);
  }

  outbox(): OutboxStatus {
    return { bytes: this.#waitingBytes, full: false, marker: this.#taken === null ? null : `epoch ${this.#taken}` };
  }

  stop(): void {
    this.#stopped = true;
    this.#settleCommits();
  }

  async close(): Promise<void> {
    this.stop();
  }

  #send({ epoch, rows }: EpochOfRows, prepared: boolean): void {
    const bytes = encodedSize(rows);
    this.#waiting.push({ epoch, rows, bytes, prepared });
    this.#waitingBytes += bytes;
    this.#delivery.send(epoch, rows);
  }

  #answered(through: Epoch, problem: SqlError | null): void {
    this.#taken = Math.max(this.#taken ?? 0, through);
    this.#problem = problem;
    for (const { epoch, bytes } of this.#waiting) if (epoch <= through) this.#waitingBytes -= bytes;
    this.#waiting = this.#waiting.filter(({ epoch }) => epoch > through);
    this.#settleCommits();
    this.#context.wake();
  }

  #settleCommits(): void {
    const oldest = this.#waiting[0]?.epoch ?? Number.POSITIVE_INFINITY;
    const commits = this.#commits;
    this.#commits = [];
    for (const commit of commits) {
      if (commit.epoch < oldest) commit.resolve();
      else if (this.#stopped) commit.reject(new SqlError({ code: SqlState.adminShutdown, message: 'the sink has been stopped' }));
      else this.#commits.push(commit);
    }
  }
}
