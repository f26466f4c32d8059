export { finishValid, scan } from './json-scan';

/** First address the compiler leaves to the caller. */
export function heapBase(): usize {
  return __heap_base;
}
