import type { Random } from '../base/index.ts';

/** Names a sink for good: no other one, not even of another data directory, may take what it has noted on the other side for its own. */
export const SINK_ID = 'sink.id';

/** Options of a sink with its identity, made at CREATE: that of the sink whose place it takes, or a new one of 64 random bits. */
export function withSinkId(
  options: ReadonlyMap<string, string>,
  { random, replaced }: { readonly random: Random; readonly replaced: ReadonlyMap<string, string> | null },
): ReadonlyMap<string, string> {
  if (options.has(SINK_ID)) return options;
  const fresh = [random.nextUint32(), random.nextUint32()].map((word) => word.toString(16).padStart(8, '0')).join('');
  return new Map([...options, [SINK_ID, replaced?.get(SINK_ID) ?? fresh]]);
}
