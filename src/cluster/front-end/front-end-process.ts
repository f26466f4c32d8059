import type { ServerAddress } from '../../base/index.ts';
import { LeaderSearch, type LeaderSearchOptions } from '../rpc/index.ts';
import type { ServedAt } from '../transport/index.ts';

export type { ServedAt } from '../transport/index.ts';

export interface FrontEndOptions extends LeaderSearchOptions {
  /** Another JobManager leads, at these addresses; null: none is known to. */
  readonly changed: (leader: ServedAt | null) => void;
}

/** Follows the JobManager that leads. Ends by itself only when trying again is of no use. */
export class FrontEndProcess {
  readonly #options: FrontEndOptions;
  readonly #search: LeaderSearch;

  constructor(options: FrontEndOptions) {
    this.#options = options;
    this.#search = new LeaderSearch(options, () => ({ purpose: 'sessions' }));
  }

  /** Resolves when it has been closed. Rejects when it can never join. */
  run(): Promise<void> {
    return this.#search.run(({ jobManager, messages }) => {
      this.#options.logger.log('info', 'found the JobManager', { address: textOf(jobManager) });
      return new Promise<void>((_, reject) =>
        messages.start({
          message: (message) => this.#options.changed(message as ServedAt),
          closed: (error) => {
            this.#options.changed(null);
            reject(error);
          },
        }),
      );
    });
  }

  close(): void {
    this.#search.close();
  }
}

function textOf({ host, port }: ServerAddress): string {
  return `${host}:${port}`;
}
