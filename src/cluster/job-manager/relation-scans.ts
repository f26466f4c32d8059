import { SqlError, type SqlErrorFields } from '../../base/index.ts';
import { type Batch, decodeBatch } from '../../batch/index.ts';

interface OpenScan {
  readonly jobId: string;
  readonly answers: { readonly slot: number; readonly batches: readonly Uint8Array[] }[];
  open: number;
  error: SqlErrorFields | null;
  wake: (() => void) | null;
}

export interface ScanTransport {
  more(slot: number, scan: number): void;
  close(scan: number): void;
}

export interface ScanStart {
  readonly jobId: string;
  readonly ready: () => Promise<void>;
  /** Asks the slots; returns how many. */
  readonly begin: (scan: number) => number;
}

/** Merges the answers of all slots to a scan. A slot gets leave for more when one of its answers has been taken. */
export class RelationScans {
  readonly #open = new Map<number, OpenScan>();
  readonly #transport: ScanTransport;
  #last = 0;

  constructor(transport: ScanTransport) {
    this.#transport = transport;
  }

  /** Reads from the slots that `begin` asks, once `ready` says that the relation is there; the scan's number is known by then. */
  async *scan(start: ScanStart): AsyncGenerator<Batch> {
    await start.ready();
    const id = ++this.#last;
    const scan: OpenScan = { jobId: start.jobId, answers: [], open: 0, error: null, wake: null };
    this.#open.set(id, scan);
    try {
      scan.open = start.begin(id);
      for (;;) {
        if (scan.error !== null) throw new SqlError(scan.error);
        const answer = scan.answers.shift();
        if (answer !== undefined) {
          this.#transport.more(answer.slot, id);
          for (const encoded of answer.batches) yield decodeBatch(encoded);
        } else if (scan.open === 0) return;
        else {
          await new Promise<void>((resolve) => {
            scan.wake = resolve;
          });
        }
      }
    } finally {
      this.#open.delete(id);
      if (scan.open > 0) this.#transport.close(id);
    }
  }

  answered(
    slot: number,
    answer: { readonly scan: number; readonly batches: readonly Uint8Array[]; readonly done: boolean; readonly error: SqlErrorFields | null },
  ): void {
    const scan = this.#open.get(answer.scan);
    if (scan === undefined) return;
    scan.answers.push({ slot, batches: answer.batches });
    if (answer.done) scan.open--;
    scan.error ??= answer.error;
    scan.wake?.();
    scan.wake = null;
  }

  /** The job's attempt has gone: what its tasks would still answer is lost. */
  fail(jobId: string, error: SqlErrorFields): void {
    for (const scan of this.#open.values()) {
      if (scan.jobId !== jobId) continue;
      scan.error = error;
      scan.wake?.();
    }
  }
}
