/**
 * Formats: bytes of messages to columns and back. One folder each; a format knows nothing of connectors, topics or files.
 *
 * Laws
 * - A message whose value does not fit a declared column is a failure with a reason, wanted or not; it never stops the others.
 * - Decoders and encoders are pure: the same bytes give the same columns.
 *
 * Start reading at json/index.ts. To add a format: a folder here, one line below.
 */
import type { FormatDefinition } from '../spi/index.ts';
import { canalJson, debeziumJson, maxwellJson } from './change-json/index.ts';
import { csv } from './csv/index.ts';
import { json } from './json/index.ts';
import { raw } from './raw/index.ts';

export const formats: readonly FormatDefinition[] = [canalJson, csv, debeziumJson, json, maxwellJson, raw];
