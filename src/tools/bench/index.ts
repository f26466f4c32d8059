/**
 * `npm run bench` and `fsql bench`: the figures the project promises, as ratios to J, measured in the same run. J is what one core does with a plain JSON.parse
 * loop over the same bytes; it is measured again around every job, because machines are shared and rates mean nothing alone.
 *
 * Laws
 * - Jobs run through the shipped `fsql run`, in a process of their own; no part of the product is replaced.
 * - Inputs are made from event numbers alone and kept under .cache/bench: two runs read the same bytes.
 * - Nothing asserts on time. What is printed is a median of ratios, with the load of the machine beside it.
 *
 * Start reading at run-bench.mjs, then measure-jobs.mjs, measure-scaling.mjs and measure-windows.mjs; events and queries are ../nexmark.
 */
export { eventFile } from './event-files.mjs';
export { type JobMeasurement, measureJob } from './measure-jobs.mjs';
