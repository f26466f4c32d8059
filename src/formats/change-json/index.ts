/**
 * Change events as JSON: Debezium, Canal and Maxwell. Each event carries rows as they are after the change and, where needed, as they were.
 *
 * Not here: what the rows of a key amount to (operators/materialize keeps the newest), the JSON of a row (../json).
 *
 * Laws
 * - An event is taken whole or is one bad message.
 * - Of a row that has gone only its key counts: what else an event says of it may be missing.
 *
 * Start reading at change-envelope.ts, then debezium-envelope.ts and binlog-envelope.ts, then change-decoder.ts.
 */
import type { FormatDefinition } from '../../spi/index.ts';
import { json } from '../json/index.ts';
import { canal, maxwell } from './binlog-envelope.ts';
import { ChangeDecoder } from './change-decoder.ts';
import { ChangeEncoder } from './change-encoder.ts';
import type { ChangeDialect } from './change-envelope.ts';
import { debezium } from './debezium-envelope.ts';

function changeFormat(name: string, dialect: ChangeDialect, description: string): FormatDefinition {
  return {
    name,
    description,
    options: json.options,
    changelogMode: 'retract',
    createDecoder: (fields, options) => {
      const key = fields.filter((field) => field.key === true).map((field) => field.path[0]!);
      return new ChangeDecoder(fields, dialect.createEnvelope(key), (rows) => json.createDecoder(rows, options));
    },
    createEncoder: (columns, options) => new ChangeEncoder(json.createEncoder(columns, options), dialect),
  };
}

export const canalJson = changeFormat('canal-json', canal, 'change events of MySQL as Canal writes them');
export const debeziumJson = changeFormat('debezium-json', debezium, 'change events as Debezium writes them, with or without the schema');
export const maxwellJson = changeFormat('maxwell-json', maxwell, 'change events of MySQL as Maxwell writes them');
