/**
 * Deliberate bugs, one at a time, and whether the tests notice: the measure of the suites, not of the product.
 *
 * A mutant is a file, a piece of text in it and what it becomes. The bug is put in while the module is loaded, under a vitest configuration of its own
 * (vitest.config.mjs), so no source, no branch and no switch of it is in what is built. A mutant that escapes is a test that is missing, or changes nothing
 * anybody could see: then it is not a mutant, and another one takes its place.
 *
 * Laws
 * - Every mutant applies to the sources as they are: its text stands there exactly once. Who changes that text changes the mutant (mutants.test.ts says so).
 * - A mutant is a program: tests that cannot even be loaded with it have noticed nothing.
 * - It is found by a test that passes without it (`--unchanged`).
 *
 * README.md has the score and how to add one. Start reading at run-mutants.mjs, then lists/.
 */
export { type Mutant, type MutantTest, mutants } from './mutants.mjs';
