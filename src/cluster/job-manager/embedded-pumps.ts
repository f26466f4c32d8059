import { SqlError, SqlState } from '../../base/index.ts';
import type { RelationId } from '../../jobgraph/index.ts';
import type { EmbeddedLog, EmbeddedWrite } from '../../state/index.ts';
import type { EmbeddedRows, FromSlot, ToSlot } from '../transport/index.ts';

/** Bytes on their way to one reader. */
const AHEAD_BYTES_MAX = 8 * 1024 * 1024;

interface Pump {
  readonly reader: string;
  readonly relation: RelationId;
  readonly deliver: (records: readonly EmbeddedRows[], through: number) => void;
  /** Number of the next record to deliver. */
  next: number;
  aheadBytes: number;
  /** Behind, reading from the log. */
  reading: boolean;
}

/** Brings the records of the embedded log to its readers in the slots: from the log where they are behind, straight from the append otherwise. */
export class EmbeddedPumps {
  readonly #log: EmbeddedLog;
  readonly #failed: (error: unknown) => void;
  readonly #pumps = new Map<string, Pump>();

  /** `failed`: the log cannot be read, so what was written and confirmed cannot be shown. */
  constructor(log: EmbeddedLog, failed: (error: unknown) => void) {
    this.#log = log;
    this.#failed = failed;
  }

  /** What readers ask for; false: the message is about something else. `send`: to the slot it comes from. */
  receive(message: FromSlot, send: (rows: Extract<ToSlot, { kind: 'embeddedRows' }>) => void): boolean {
    switch (message.kind) {
      case 'embeddedOpen': {
        const { reader, relation, position } = message;
        this.#open(reader, relation, position, (records, through) => send({ kind: 'embeddedRows', reader, records, through }));
        return true;
      }
      case 'embeddedTaken':
        this.#taken(message.reader, message.bytes);
        return true;
      case 'embeddedClose':
        this.#pumps.delete(message.reader);
        return true;
      default:
        return false;
    }
  }

  #open(reader: string, relation: RelationId, position: number, deliver: Pump['deliver']): void {
    const pump: Pump = { reader, relation, deliver, next: Math.max(1, position), aheadBytes: 0, reading: false };
    this.#pumps.set(reader, pump);
    this.#catchUp(pump);
  }

  #taken(reader: string, bytes: number): void {
    const pump = this.#pumps.get(reader);
    if (pump === undefined) return;
    pump.aheadBytes -= bytes;
    if (!pump.reading && pump.next <= this.#log.lastPosition()) this.#catchUp(pump);
  }

  /** The readers whose names begin with `prefix` went with their slot. */
  closeAll(prefix: string): void {
    for (const reader of [...this.#pumps.keys()]) if (reader.startsWith(prefix)) this.#pumps.delete(reader);
  }

  /** Record `position` is durable. */
  appended(position: number, writes: readonly EmbeddedWrite[]): void {
    for (const pump of this.#pumps.values()) {
      if (pump.reading) continue;
      if (pump.next !== position || pump.aheadBytes > AHEAD_BYTES_MAX) this.#catchUp(pump);
      else this.#deliver(pump, position, writes);
    }
  }

  #deliver(pump: Pump, position: number, writes: readonly EmbeddedWrite[]): void {
    const batches = writes.filter((write) => write.relation === pump.relation).map((write) => write.batch);
    for (const batch of batches) pump.aheadBytes += batch.length;
    pump.next = position + 1;
    pump.deliver(batches.length === 0 ? [] : [{ position, batches }], position);
  }

  #catchUp(pump: Pump): void {
    pump.reading = true;
    this.#read(pump).then(
      () => {
        pump.reading = false;
        if (this.#isBehind(pump)) this.#catchUp(pump);
      },
      (error: unknown) => {
        if (this.#pumps.get(pump.reader) === pump) this.#failed(error);
      },
    );
  }

  async #read(pump: Pump): Promise<void> {
    if (!this.#isBehind(pump)) {
      pump.deliver([], pump.next - 1);
      return;
    }
    const last = this.#log.lastPosition();
    for await (const record of this.#log.read(pump.next - 1)) {
      if (this.#pumps.get(pump.reader) !== pump) return;
      if (record.position > pump.next) throw missing(pump, record.position - 1);
      this.#deliver(pump, record.position, record.writes);
      if (pump.aheadBytes > AHEAD_BYTES_MAX) return;
    }
    if (pump.next <= last) throw missing(pump, last);
  }

  #isBehind(pump: Pump): boolean {
    return this.#pumps.get(pump.reader) === pump && pump.aheadBytes <= AHEAD_BYTES_MAX && pump.next <= this.#log.lastPosition();
  }
}

function missing({ next, relation }: Pump, last: number): SqlError {
  return new SqlError({
    code: SqlState.dataCorrupted,
    message: `the log of stored tables has no records ${next} to ${last}`,
    detail: `Relation ${relation} has not read them yet.`,
    hint: 'Start from a savepoint or a copy of the data directory.',
  });
}
