import { SINK_ID } from '../../sink-id.ts';

/** What an exactly-once sink is called on the other side. */
export interface SinkNames {
  /** In markers and messages. */
  readonly sink: string;
  /** The same after every restart, and nobody else's. */
  readonly transactionalId: string;
  readonly markerTopic: string;
}

const PREFIX_DEFAULT = 'fsql';
/** Of a topic name Kafka takes 249 characters. */
const NAME_CHARACTERS_MAX = 60;

/** The prefix of transactional ids and marker topics, for access rights. */
export function prefixOf(options: ReadonlyMap<string, string>): string {
  return options.get('sink.transactional-id-prefix') ?? PREFIX_DEFAULT;
}

/**
 * Names of one sink job. `job` tells a sink that is being built anew from the one it will replace: both run until then. The sink's name is in it for people, with
 * the characters Kafka allows.
 */
export function sinkNames(options: ReadonlyMap<string, string>, { name, job }: { readonly name: string; readonly job: string }): SinkNames {
  const readable = name.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, NAME_CHARACTERS_MAX);
  const transactionalId = `${prefixOf(options)}-${readable}-${options.get(SINK_ID) ?? ''}-${job}`;
  return { sink: `${options.get(SINK_ID) ?? ''}-${job}`, transactionalId, markerTopic: `${transactionalId}-markers` };
}
