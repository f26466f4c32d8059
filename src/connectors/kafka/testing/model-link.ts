import { type Clock, type Random, toSqlError } from '../../../base/index.ts';
import type { Link, OpenLink } from '../protocol/index.ts';
import { connectionFailure, connectionLost } from '../protocol/kafka-error.ts';
import { type ProtocolRequest, type ThrottledAnswer, WireReader, WireWriter } from '../protocol/wire/index.ts';
import type { ModelCluster } from './model-cluster.ts';

/** What may happen to a request; read at each. */
export interface LinkFaults {
  /** One request in so many is lost with its connection before the broker has taken it, and one in so many after; 0: none. */
  readonly lossShare: number;
  /** A request takes at most so long to the broker. */
  readonly delayMsMax: number;
}

export const noFaults: LinkFaults = { lossShare: 0, delayMsMax: 2 };

/** Links to the brokers of a cluster, for one process: its clock says when a request arrives, so that those of a killed one never do. */
export function modelLinks(cluster: ModelCluster, random: Random, faults: () => LinkFaults): OpenLink {
  return ({ host, port }, { requestTimeoutMs }, { clock }) =>
    new ModelLink({ cluster, random, faults, clock, host, address: `${host}:${port}`, requestTimeoutMs });
}

interface ModelLinkParts {
  readonly cluster: ModelCluster;
  readonly random: Random;
  readonly faults: () => LinkFaults;
  readonly clock: Clock;
  readonly host: string;
  readonly address: string;
  readonly requestTimeoutMs: number;
}

class ModelLink implements Link {
  readonly #parts: ModelLinkParts;
  readonly #breaks = new Set<(error: unknown) => void>();
  #used = false;
  #closed = false;

  constructor(parts: ModelLinkParts) {
    this.#parts = parts;
  }

  get address(): string {
    return this.#parts.address;
  }

  get closed(): boolean {
    return this.#closed;
  }

  async send<Answer extends ThrottledAnswer>(request: ProtocolRequest<Answer>, waitMs = 0): Promise<Answer> {
    const { address, clock, requestTimeoutMs } = this.#parts;
    const writer = new WireWriter();
    request.encode(writer);
    let end: (error: unknown) => void = () => undefined;
    const broken = new Promise<never>((_, reject) => {
      end = reject;
    });
    this.#breaks.add(end);
    const timer = clock.after(requestTimeoutMs + waitMs, () => end(new Error('no answer in time')));
    try {
      const answer = await Promise.race([this.#exchange(request.api.key, writer.finish()), broken]);
      this.#used = true;
      return request.decode(new WireReader(answer));
    } catch (error) {
      this.close();
      throw this.#used ? connectionLost(address, error) : connectionFailure(address, error);
    } finally {
      timer.cancel();
      this.#breaks.delete(end);
    }
  }

  close(): void {
    this.#closed = true;
    for (const end of this.#breaks) end(new Error('connection closed'));
  }

  async #exchange(apiKey: number, body: Buffer): Promise<Buffer> {
    const { cluster, random, faults, clock, host } = this.#parts;
    const { lossShare, delayMsMax } = faults();
    const lost = (): boolean => lossShare > 0 && random.nextInt(lossShare) === 0;
    await new Promise<void>((resolve) => clock.after(random.nextInt(delayMsMax + 1), resolve));
    const node = cluster.nodeAt(host);
    if (this.#closed || node === null || lost()) throw new Error('connection refused');
    const answer = await cluster.handle(node, apiKey, new WireReader(body)).catch((error: unknown) => {
      throw toSqlError(error);
    });
    if (cluster.nodeAt(host) === null || lost()) throw new Error('connection reset by the broker');
    return Buffer.from(answer);
  }
}
