/**
 * Results as text: aligned, expanded, unaligned, CSV, JSON; equal to psql's output where the format is psql's.
 *
 * Knows cells of text only, no types and no values.
 *
 * Start reading at render-rows.ts. Reference: PostgreSQL documentation, psql, `\pset`.
 */
export { displayWidth } from './display-width.ts';
export { type AlignedLayout, alignedHeader, alignedLayout, renderAlignedRows } from './render-aligned.ts';
export { csvRow, unalignedRow } from './render-delimited.ts';
export { renderRows } from './render-rows.ts';
export type { RenderOptions, TextColumn, TextResult, TextRow } from './text-result.ts';
