import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

/** A place in a bundle of the build, as stack traces name it; lines and columns count from 1. */
const BUNDLE_PLACE = /(\/[^\s()]+\/dist\/\w+\.cjs):(\d+):(\d+)/g;

const maps = new Map<string, SourceMap | null>();

/**
 * Text that a process has printed, with places in the sources for those in bundles. Node could do that itself, but then it reads the maps and goes without the
 * code caches at every start, which takes twice the time; and not what users have would be tested.
 */
export function withSourcePlaces(text: string): string {
  return text.replaceAll(BUNDLE_PLACE, (place, bundle: string, line: string, column: string) => {
    const entry = mapOf(bundle)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry === undefined || !('originalSource' in entry)) return place;
    return `${entry.originalSource.replace(/^(\.\.\/)+/, '')}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

function mapOf(bundle: string): SourceMap | null {
  let map = maps.get(bundle);
  if (map === undefined) {
    const file = `${bundle}.map`;
    map = existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, 'utf8'))) : null;
    maps.set(bundle, map);
  }
  return map;
}
