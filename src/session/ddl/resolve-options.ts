import { nearestNames, SqlError, SqlState } from '../../base/index.ts';
import { secretReference } from '../../catalog/index.ts';
import type { ConnectorDefinition, FormatDefinition, OptionDefinition, Registry } from '../../spi/index.ts';
import type { FormatClause, WithOption } from '../../sql/index.ts';
import { DURATION_PATTERN, relationOptions, SIZE_PATTERN } from './relation-options.ts';

export interface ResolvedOptions {
  readonly connector: ConnectorDefinition;
  readonly format: FormatDefinition | null;
  /** Canonical names, checked values. */
  readonly options: ReadonlyMap<string, string>;
}

export interface OptionRegistries {
  readonly connectors: Registry<ConnectorDefinition>;
  readonly formats: Registry<FormatDefinition>;
}

/**
 * WITH (…) of a relation over a connector: names made canonical, values checked, defaults left to the connector. Errors carry the option's place: 42704
 * for an unknown name (with the nearest one), 22023 for a bad value, 42710 for one given twice.
 */
export function resolveOptions(written: readonly WithOption[], clause: FormatClause | null, registries: OptionRegistries): ResolvedOptions {
  const connector = findConnector(written, registries.connectors);
  const formatName = findFormat(written, clause);
  refuseRegistryFormat(formatName);
  const format = formatName === null ? null : findDefinition(registries.formats, formatName.text, { what: 'format', position: formatName.position });
  const known = optionsWith(connector, format);
  const options = checkOptions([...written, ...(clause?.options ?? [])], known, `connector "${connector.name}"`);
  // An implied connector is written down as well: whoever reads the options finds it there.
  options.set('connector', connector.name);
  if (format !== null) options.set('format', format.name);
  if (clause?.keyEncode != null) options.set('key.format', keyFormatOf(clause.keyEncode, clause));
  checkRequired(connector, options, written);
  return { connector, format, options };
}

/** The options that a relation with these can have. */
export function knownOptions(options: ReadonlyMap<string, string>, { connectors, formats }: OptionRegistries): readonly OptionDefinition[] {
  const format = options.get('format');
  return optionsWith(connectors.get(options.get('connector')!)!, format === undefined ? null : formats.get(format)!);
}

function optionsWith(connector: ConnectorDefinition, format: FormatDefinition | null): readonly OptionDefinition[] {
  return [...generalOptions, ...relationOptions, ...connector.options, ...(format?.options ?? [])];
}

/** Options by canonical name, checked. `owner`: what has them, for messages. Errors: as resolveOptions. */
export function checkOptions(written: readonly WithOption[], known: readonly OptionDefinition[], owner: string): Map<string, string> {
  const options = new Map<string, string>();
  for (const option of written) {
    const definition = definitionOf(known, option, owner);
    const name = definition.name.endsWith('*') ? option.key : definition.name;
    if (options.has(name))
      throw new SqlError({ code: SqlState.duplicateObject, message: `option "${name}" is given twice`, position: option.keySpan.start });
    options.set(name, checkValue(definition, option));
  }
  return options;
}

const generalOptions: readonly OptionDefinition[] = [
  { name: 'connector', type: 'text', required: true, description: 'Name of the external system.' },
  { name: 'connection', type: 'text', description: 'A connection (CREATE CONNECTION) that says where the system is.' },
  { name: 'format', aliases: ['value.format', 'value_format'], type: 'text', description: 'How rows are written as bytes.' },
];

function findConnector(written: readonly WithOption[], connectors: Registry<ConnectorDefinition>): ConnectorDefinition {
  const option = written.find((one) => one.key.toLowerCase() === 'connector') ?? null;
  // ksqlDB names no connector: a topic means Kafka.
  const implied = option === null && written.some((one) => one.key.toLowerCase() === 'kafka_topic') ? 'kafka' : null;
  if (option === null && implied === null) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: 'option "connector" is missing',
      hint: `Connectors are: ${connectors
        .all()
        .map((one) => one.name)
        .join(', ')}.`,
      position: written[0]?.span.start,
    });
  }
  return findDefinition(connectors, option?.value.text ?? implied!, { what: 'connector', position: option?.value.span.start });
}

function findFormat(written: readonly WithOption[], clause: FormatClause | null): { readonly text: string; readonly position: number } | null {
  if (clause !== null) {
    const plain = clause.format === 'PLAIN' || clause.format === 'UPSERT';
    const words = plain && clause.encode !== null ? [clause.encode] : clause.encode === null ? [clause.format] : [clause.format, clause.encode];
    return { text: words.join('-').toLowerCase(), position: clause.span.start };
  }
  const option = written.find((one) => ['format', 'value.format', 'value_format'].includes(one.key.toLowerCase()));
  return option === undefined ? null : { text: option.value.text.toLowerCase(), position: option.value.span.start };
}

/** Formats other systems have whose messages only a schema registry explains. */
function refuseRegistryFormat(format: { readonly text: string; readonly position: number } | null): void {
  if (format === null || !/avro|protobuf|json_sr/.test(format.text)) return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `format "${format.text}" is not supported`,
    hint: "Use format = 'json', 'csv', 'raw' or 'debezium-json', and write the columns out.",
    position: format.position,
  });
}

/** KEY ENCODE JSON | TEXT | BYTES. */
function keyFormatOf(encode: string, clause: FormatClause): string {
  if (encode === 'JSON') return 'json';
  if (encode === 'TEXT' || encode === 'BYTES') return 'raw';
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `KEY ENCODE ${encode} is not supported`,
    hint: 'Use KEY ENCODE JSON, TEXT or BYTES.',
    position: clause.span.start,
  });
}

function findDefinition<Definition extends { readonly name: string; readonly internal?: true }>(
  registry: Registry<Definition>,
  name: string,
  where: { readonly what: string; readonly position: number | undefined },
): Definition {
  const found = registry.get(name.toLowerCase());
  if (found !== undefined && found.internal !== true) return found;
  const nearest = registry.nearest(name)[0];
  const all = registry.all().map((one) => one.name);
  throw new SqlError({
    code: SqlState.undefinedObject,
    message: `${where.what} "${name}" does not exist`,
    hint: nearest === undefined ? `There are: ${all.join(', ')}.` : `Perhaps you meant "${nearest}".`,
    position: where.position,
  });
}

/** The definition that a written name means. Errors: 42704 with the nearest name. */
export function definitionOf(known: readonly OptionDefinition[], option: Pick<WithOption, 'key' | 'keySpan'>, owner: string): OptionDefinition {
  const key = option.key.toLowerCase();
  const exact = known.find((one) => one.name.toLowerCase() === key || one.aliases?.some((alias) => alias.toLowerCase() === key));
  const family = known.find((one) => one.name.endsWith('*') && key.startsWith(one.name.slice(0, -1).toLowerCase()));
  const found = exact ?? family;
  if (found !== undefined) return found;
  const names = known.flatMap((one) => [one.name, ...(one.aliases ?? [])]);
  const nearest = nearestNames(option.key, names, 1)[0];
  throw new SqlError({
    code: SqlState.undefinedObject,
    message: `${owner} has no option "${option.key}"`,
    hint: nearest === undefined ? `Its options are: ${names.join(', ')}.` : `Perhaps you meant "${nearest}".`,
    position: option.keySpan.start,
  });
}

function checkValue(definition: OptionDefinition, option: WithOption): string {
  const { text } = option.value;
  if (option.value.form === 'secret') return checkSecret(definition, option);
  const bad = (expected: string): SqlError =>
    new SqlError({
      code: SqlState.invalidParameterValue,
      message: `option "${option.key}" requires ${expected}, not "${text}"`,
      position: option.value.span.start,
    });
  switch (definition.type) {
    case 'integer':
      if (!/^-?\d+$/.test(text)) throw bad('a whole number');
      return text;
    case 'boolean':
      if (!/^(true|false)$/i.test(text)) throw bad('true or false');
      return text.toLowerCase();
    case 'duration':
      if (!DURATION_PATTERN.test(text.trim())) throw bad("a time such as '30 s'");
      return text;
    case 'size':
      if (!/^\d+\s*(b|kb|mb|gb|kib|mib|gib)?$/i.test(text.trim())) throw bad("a size such as '1 GB'");
      return text;
    case 'size, duration':
      if (!isSizeAndDuration(text)) throw bad("a size, a time or both, such as '1 GB, 7 days',");
      return text;
    case 'choice':
      return checkChoice(definition, option);
    case 'name':
      if (!/^[\p{L}_][\p{L}\p{N}_.-]{0,62}$/u.test(text)) throw bad('a name of letters, digits, _, - and . (63 at most)');
      return text;
    case 'text':
      return text;
  }
}

function isSizeAndDuration(text: string): boolean {
  const parts = text.split(',').map((part) => part.trim());
  const sizes = parts.filter((part) => SIZE_PATTERN.test(part)).length;
  const durations = parts.filter((part) => DURATION_PATTERN.test(part)).length;
  return sizes <= 1 && durations <= 1 && sizes + durations === parts.length;
}

/** SECRET name, in the place of a text. */
function checkSecret(definition: OptionDefinition, option: WithOption): string {
  const { text, span } = option.value;
  if (definition.type === 'text') return secretReference(text.toLowerCase());
  throw new SqlError({ code: SqlState.invalidParameterValue, message: `option "${option.key}" cannot be a secret`, position: span.start });
}

function checkChoice(definition: OptionDefinition, option: WithOption): string {
  const choices = definition.choices ?? [];
  const spelled = (text: string): string => text.toLowerCase().replaceAll('_', '-');
  const found = choices.find((choice) => spelled(choice) === spelled(option.value.text));
  if (found !== undefined) return found;
  const nearest = nearestNames(option.value.text, choices, 1)[0];
  throw new SqlError({
    code: SqlState.invalidParameterValue,
    message: `option "${option.key}" cannot be "${option.value.text}"`,
    hint: nearest === undefined ? `It is one of: ${choices.join(', ')}.` : `Perhaps you meant "${nearest}".`,
    position: option.value.span.start,
  });
}

function checkRequired(connector: ConnectorDefinition, options: ReadonlyMap<string, string>, written: readonly WithOption[]): void {
  for (const definition of connector.options) {
    if (!definition.required || options.has(definition.name)) continue;
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: `option "${definition.name}" is required by connector "${connector.name}"`,
      hint: definition.description,
      position: written[0]?.span.start,
    });
  }
}
