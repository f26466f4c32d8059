export { clearGroups, enlargeGroups, groupRows, moveGroups, nullBitsOfNew, removeGroup, startGroups } from './group-ids';
export { writeJsonRows } from './json-rows';
export { finishValid, scan } from './json-scan';
export { gather1, gather4, gather8, hashWords, rowsByHash } from './split-by-key';

/** First address the compiler leaves to the caller. */
export function heapBase(): usize {
  return __heap_base;
}
