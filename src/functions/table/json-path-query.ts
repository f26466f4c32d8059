import type { TableFunctionDefinition } from '../../spi/index.ts';
import { boolType, formatJson, jsonbType, textType } from '../../types/index.ts';
import { pathItems } from '../scalar/json/index.ts';

const ARGUMENTS = [jsonbType, textType, jsonbType, boolType];

/** jsonb_path_query: with and without variables and `silent`. */
export const jsonPathQueryFunctions: readonly TableFunctionDefinition[] = [2, 3, 4].map((count) => ({
  name: 'jsonb_path_query',
  signature: `jsonb_path_query(${ARGUMENTS.slice(0, count)
    .map((type) => type.kind)
    .join(', ')}) -> setof jsonb`,
  argumentTypes: ARGUMENTS.slice(0, count),
  volatility: 'immutable',
  description: 'One row per item a path finds',
  examples: [{ sql: `jsonb_path_query('[1, 2, 3]', '$[*] ? (@ > 1)'${['', ", '{}'", ", '{}', true"][count - 2]})`, result: '2' }],
  columns: () => [{ name: 'jsonb_path_query', type: jsonbType }],
  evaluate: ([document, path, variables, silent]) =>
    (pathItems([document as string, path as string, (variables ?? '{}') as string, silent === true], false) ?? []).map((item) => [formatJson(item)]),
}));
