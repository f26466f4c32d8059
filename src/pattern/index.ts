/**
 * Row pattern recognition (MATCH_RECOGNIZE): patterns as data, their programs, and the matcher that finds the matches of one partition's rows in the
 * order of SQL:2016, 7.7.
 *
 * Knows no plan, no operator and no SQL text: the binder makes a Recognition, the reference executor and the operator run it over rows of values.
 *
 * Laws
 * - The preferred match is found: left alternatives first, greedy quantifiers as long as possible, reluctant ones as short as possible.
 * - What is found does not depend on when rows become known: a search that needs a row that is still to come waits for it.
 * - A search is bounded: past its steps it fails with 54001 and goes on with the next row.
 * - Ties of the order are broken by the rows' own values (row-order.ts).
 *
 * Start reading at recognition.ts, then compile-pattern.ts, attempt.ts and partition-recognizer.ts.
 */
export { canBeEmpty, compilePattern } from './compile-pattern.ts';
export { type CompiledRecognition, compileRecognition, type RecognitionInput } from './compiled-recognition.ts';
export { mapRecognition } from './map-recognition.ts';
export type { PatternEnvironment } from './match-evaluator.ts';
export { MatchRows, shownColumns } from './match-rows.ts';
export { type Finding, PartitionRecognizer, type RecognitionProgress } from './partition-recognizer.ts';
export type { Row } from './partition-rows.ts';
export { printRecognition } from './print-recognition.ts';
export type { PatternNode, PatternReference, Recognition, RowOrderColumn, ShownRows, SkipTarget } from './recognition.ts';
export { rowComparator } from './row-order.ts';
