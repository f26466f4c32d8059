/** Types of nexmark-queries.mjs, which is plain JavaScript so that the benchmark runs it before anything is built. */

/** SELECT of each query, q0 to q22 and `count`. */
export const NEXMARK_QUERIES: Readonly<Record<string, string>>;

/** q0 to q22 in order. */
export const NEXMARK_NAMES: readonly string[];

/** Statements that make the source, its three streams and what the queries need. `options` are those of the source, the format being JSON. */
export function nexmarkSource(options: Readonly<Record<string, string>>, queries: readonly string[]): string;

/** A file of statements that runs one query into a blackhole. */
export function nexmarkJob(query: string, options: Readonly<Record<string, string>>): string;
