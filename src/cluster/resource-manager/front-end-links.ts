import type { MessageLink } from '../rpc/index.ts';
import type { ServedAt } from '../transport/index.ts';

/** Front ends that follow this JobManager. They are told where it serves clients as soon as it does. */
export class FrontEndLinks {
  readonly #links = new Set<MessageLink>();
  #served: ServedAt | null = null;

  add(link: MessageLink): void {
    this.#links.add(link);
    link.start({ message: () => undefined, closed: () => this.#links.delete(link) });
    if (this.#served !== null) link.send(this.#served);
  }

  announce(served: ServedAt): void {
    this.#served = served;
    for (const link of this.#links) link.send(served);
  }
}
