import { SqlError, type SqlErrorFields } from '../../base/index.ts';
import { type Batch, decodeBatch } from '../../batch/index.ts';

interface OpenScan {
  readonly answers: { readonly slot: number; readonly batches: readonly Uint8Array[] }[];
  open: number;
  error: SqlErrorFields | null;
  wake: (() => void) | null;
}

export interface ScanTransport {
  more(slot: number, scan: number): void;
  close(scan: number): void;
}

/** Merges the answers of all slots to a scan. A slot gets leave for more when one of its answers has been taken. */
export class RelationScans {
  readonly #open = new Map<number, OpenScan>();
  readonly #transport: ScanTransport;
  #last = 0;

  constructor(transport: ScanTransport) {
    this.#transport = transport;
  }

  /** `begin` asks the slots; it is called once the scan's number is known. */
  async *scan(slots: number, begin: (scan: number) => void): AsyncGenerator<Batch> {
    const id = ++this.#last;
    const scan: OpenScan = { answers: [], open: slots, error: null, wake: null };
    this.#open.set(id, scan);
    try {
      begin(id);
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

  /** A slot has gone: scans that count on it cannot be completed. */
  fail(error: SqlErrorFields): void {
    for (const scan of this.#open.values()) {
      scan.error = error;
      scan.wake?.();
    }
  }
}
