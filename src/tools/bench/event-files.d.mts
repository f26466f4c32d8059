/** Types of event-files.mjs, which is plain JavaScript so that it runs before anything is built. */

/** Writes a file of Nexmark events, a line each, unless it is there; resolves with `path`. */
export function eventFile(path: string, count: number, uniformKeys?: number): Promise<string>;
