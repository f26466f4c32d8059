import { connectors } from '../../connectors/index.ts';
import { formats } from '../../formats/index.ts';
import { embeddedOptions, relationOptions } from '../../session/index.ts';
import type { ConnectorDefinition, OptionDefinition } from '../../spi/index.ts';
import { formatType } from '../../types/index.ts';
import { code, page, sentence, table, words } from './markdown.ts';

/** Every connector: what it can do, its options and the columns it supplies. */
export function connectorsPage(): string {
  return page(
    'Connectors',
    "A relation names its connector in WITH: `CREATE STREAM s (…) WITH (connector = 'kafka', …)`; `CREATE SINK` does the same. Names and values of options are checked at CREATE; " +
      'an unknown one is refused with the nearest known name. A stream or table without a connector belongs to fsql itself and is written by INSERT and COPY. ' +
      'Option names need no quotes. `SHOW CONNECTORS` lists the connectors from SQL.',
    [
      ...connectors.map(connectorSection),
      `## Options of every stream\n\n${optionTable(relationOptions)}`,
      `## Options of a stream without a connector\n\n${optionTable(embeddedOptions)}`,
    ],
  );
}

/** Every format with its options. */
export function formatsPage(): string {
  const sections = formats.map((format) => {
    const options = format.options.length === 0 ? 'No options.' : optionTable(format.options);
    return `## ${format.name}\n\n${sentence(format.description)} A message is ${modes[format.changelogMode]}.\n\n${options}`;
  });
  return page('Formats', "How rows are written as bytes: `format = 'json'` beside the connector's options.", sections);
}

const modes = { append: 'a row added', upsert: 'the new value of its key', retract: 'a change' } as const;

function connectorSection(connector: ConnectorDefinition): string {
  const parts = [`## ${connector.name}`, sentence(connector.description), capabilities(connector)];
  parts.push(connector.options.length === 0 ? 'No options of its own.' : optionTable(connector.options));
  if (connector.metadata.length > 0) {
    const rows = connector.metadata.map((one) => [code(one.key), words(formatType(one.type)), sentence(one.description)]);
    parts.push(`Columns for \`METADATA FROM 'key' VIRTUAL\`:\n\n${table(['Key', 'Type', 'Description'], rows)}`);
  }
  return parts.join('\n\n');
}

const updates = {
  never: 'appended rows only: a query that updates is refused',
  'with-key': 'updates and deletes by key (`primary_key`)',
  always: 'updates and deletes',
} as const;

function capabilities({ source, sink }: ConnectorDefinition): string {
  const needs = (format: boolean): string => (format ? ', with a format' : '');
  const lines = [
    source === null ? '- Cannot be read.' : `- Reads${needs(source.needsFormat)}.`,
    sink === null
      ? '- Cannot be written.'
      : `- Writes${needs(sink.needsFormat)}; takes ${updates[sink.acceptsUpdates]}; delivery by default: ${sink.delivery(new Map())}.`,
  ];
  return lines.join('\n');
}

function optionTable(options: readonly OptionDefinition[]): string {
  const rows = options.map((option) => [
    code(option.name),
    option.choices === undefined ? option.type : option.choices.map(code).join(', '),
    option.required ? 'required' : option.default === undefined ? '' : code(option.default),
    [sentence(option.description), option.aliases === undefined ? '' : `Also: ${option.aliases.map(code).join(', ')}.`].join(' ').trim(),
  ]);
  return table(['Option', 'Type or values', 'Default', 'Description'], rows);
}
