import type { TableFunctionDefinition } from '../../spi/index.ts';

/** PostgreSQL has these for json, too, which is jsonb here. */
const NAMES: ReadonlySet<string> = new Set([
  'jsonb_array_elements',
  'jsonb_array_elements_text',
  'jsonb_each',
  'jsonb_each_text',
  'jsonb_object_keys',
]);

/** The definitions for jsonb that have twins for json, once more under the names of those. */
export function underJsonNames(definitions: readonly TableFunctionDefinition[]): TableFunctionDefinition[] {
  return definitions.filter(({ name }) => NAMES.has(name)).map(underJsonName);
}

function underJsonName(definition: TableFunctionDefinition): TableFunctionDefinition {
  const name = definition.name.replace('jsonb_', 'json_');
  const renamed = (text: string): string => text.replace(`${definition.name}(`, `${name}(`);
  return {
    ...definition,
    name,
    signature: renamed(definition.signature),
    description: `${definition.description} (as in fsql, where json is jsonb)`,
    examples: definition.examples.map((example) => ({ ...example, sql: renamed(example.sql) })),
    columns: (types) => definition.columns(types).map((column) => (column.name === definition.name ? { ...column, name } : column)),
  };
}
