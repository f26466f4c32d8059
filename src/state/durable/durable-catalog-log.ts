import type { CatalogLog } from '../state-store.ts';
import { AppendLog, type AppendLogOptions } from './append-log.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The catalog's log on disk; its entries are few and stay in memory. */
export class DurableCatalogLog implements CatalogLog {
  readonly log: AppendLog;
  readonly #entries: string[] = [];

  private constructor(log: AppendLog) {
    this.log = log;
  }

  static async open(options: AppendLogOptions): Promise<DurableCatalogLog> {
    const catalog = new DurableCatalogLog(await AppendLog.open(options));
    for await (const { payload } of catalog.log.read(0)) catalog.#entries.push(decoder.decode(payload));
    return catalog;
  }

  async append(entry: string): Promise<void> {
    await this.log.append(encoder.encode(entry));
    this.#entries.push(entry);
  }

  entries(): readonly string[] {
    return this.#entries;
  }
}
