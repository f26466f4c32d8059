import { TEST_CONNECTOR, topicName } from './test-connector.ts';
import type { TestTopics } from './test-topics.ts';

/** Connectors that reach nothing outside or only files: left as they are in a test. */
const HARMLESS = ['blackhole', 'datagen', 'filesystem', 'print'];
/** Those whose rows are there, or gone, at once. */
const TIMELESS = ['blackhole', 'datagen', 'print'];

type Options = ReadonlyMap<string, string>;

/** Puts topics in memory in the place of external systems. */
export class BoundTopics {
  readonly #topics: TestTopics;
  readonly #real: readonly string[];
  #outside = false;

  /** `real`: connectors and topics that are left alone. */
  constructor(topics: TestTopics, real: readonly string[]) {
    this.#topics = topics;
    this.#real = real;
  }

  /** Whether a relation was bound that is neither in memory nor made up: files, and what is left real. */
  get outside(): boolean {
    return this.#outside;
  }

  /** An external system becomes a topic of the same name, with as many partitions as the statement asks for. */
  bind(options: Options): Options {
    const connector = options.get('connector')!;
    const topic = topicName(options);
    if (HARMLESS.includes(connector) || this.#real.some((name) => name === connector || name === topic)) {
      this.#outside ||= !TIMELESS.includes(connector);
      return options;
    }
    const partitions = Number(options.get('partitions') ?? 1);
    if (partitions > 1) this.#topics.create(topic, partitions);
    return new Map([...options, ['connector', TEST_CONNECTOR]]);
  }
}
