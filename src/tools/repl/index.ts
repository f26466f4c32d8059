/**
 * The terminal: rendering of results as psql prints them, and the interactive client.
 *
 * Speaks to sessions through the PostgreSQL protocol or directly; knows no plans.
 *
 * Start reading at render-rows.ts.
 */
export { displayWidth, type RenderOptions, renderRows, type TextResult } from './render-rows.ts';
