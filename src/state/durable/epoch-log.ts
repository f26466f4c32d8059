import { assert } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import { damagedFile } from '../damage.ts';
import type { EpochRecord } from '../state-store.ts';
import { AppendLog, type AppendLogOptions } from './append-log.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Records of epochs, in ascending order, each durable before anything of its epoch is shown. */
export class EpochLog {
  readonly log: AppendLog;
  readonly #kept: { readonly position: number; readonly record: EpochRecord }[] = [];
  #newest: Epoch = 0;

  private constructor(log: AppendLog) {
    this.log = log;
  }

  static async open(options: AppendLogOptions): Promise<EpochLog> {
    const epochs = new EpochLog(await AppendLog.open(options));
    for await (const { position, payload } of epochs.log.read(0)) {
      const record = JSON.parse(decoder.decode(payload)) as EpochRecord;
      if (record.epoch <= epochs.#newest) throw damagedFile(options.folder, null, `epoch ${record.epoch} is recorded behind epoch ${epochs.#newest}`);
      epochs.#newest = record.epoch;
      epochs.#kept.push({ position, record });
    }
    return epochs;
  }

  async append(record: EpochRecord): Promise<void> {
    assert(record.epoch > this.#newest, `epoch record ${record.epoch} after ${this.#newest}`);
    this.#newest = record.epoch;
    const position = await this.log.append(encoder.encode(JSON.stringify(record)));
    this.#kept.push({ position, record });
  }

  recordsAfter(epoch: Epoch): EpochRecord[] {
    return this.#kept.map(({ record }) => record).filter((record) => record.epoch > epoch);
  }

  /** Position of the newest record that is not behind `epoch`. */
  positionOf(epoch: Epoch): number {
    return this.#kept.findLast(({ record }) => record.epoch <= epoch)?.position ?? this.log.firstPosition - 1;
  }

  async release(position: number): Promise<void> {
    while (this.#kept.length > 0 && this.#kept[0]!.position <= position) this.#kept.shift();
    await this.log.release(position);
  }
}
