/**
 * Loops compiled to WebAssembly (AssemblyScript sources in ./assembly, built by ./build-kernels.mjs into a generated module) and
 * their TypeScript twins, which are the oracle of the fuzz tests and can take the kernel's place.
 *
 * Knows bytes and numbers, no SQL values: what is not plain is handed back to the caller.
 *
 * Laws
 * - A kernel accepts exactly what its twin accepts; what it is not sure of it hands back.
 * - Its memory belongs to one instance in one thread; nothing outside keeps a view of it.
 *
 * Start reading at json-scanner.ts, then json-reader.ts (the twin), then assembly/json-scan.ts. A smaller one is key-splitter.ts.
 */
export { JsonReader, type JsonRowTokens } from './json-reader.ts';
export { type JsonRowValues, JsonRowWriter, type JsonValueKind } from './json-row-writer.ts';
export type { JsonScanField, JsonScanKind } from './json-scan-field.ts';
export { type JsonMessages, type JsonScanColumn, JsonScanner, type JsonScanResult } from './json-scanner.ts';
export { jsonStringBytes, jsonValueEnd, skipJsonSpace } from './json-text.ts';
export { KeySplitter } from './key-splitter.ts';
