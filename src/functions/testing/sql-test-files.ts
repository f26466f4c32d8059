import { aggregateFunctions, scalarFunctions, tableFunctions } from '../index.ts';

interface Example {
  readonly sql: string;
  readonly result: string | null;
}

/** A test file for `fsql test`: its path below sql-tests/functions and its text. */
export interface SqlTestFile {
  readonly path: string;
  readonly text: string;
}

/** Words for operators in file names. */
const SYMBOL_WORDS: ReadonlyMap<string, string> = new Map([
  ['+', 'plus'],
  ['-', 'minus'],
  ['*', 'times'],
  ['/', 'divided-by'],
  ['%', 'remainder'],
  ['^', 'power'],
  ['=', 'equals'],
  ['<>', 'differs'],
  ['<', 'less'],
  ['<=', 'at-most'],
  ['>', 'greater'],
  ['>=', 'at-least'],
  ['||', 'joined'],
]);

/** One file a function, made from the examples of the definitions, so that a function cannot be without a test. */
export function sqlTestFiles(): SqlTestFile[] {
  const files = new Map<string, { subject: string; records: string[] }>();
  const put = (path: string, subject: string, query: string, result: string | null): void => {
    const file = files.get(path) ?? { subject, records: [] };
    files.set(path, file);
    const record = `query\n${query}\n----\n${cell(result)}`;
    if (!/[\n\t]/.test(`${query}${result ?? ''}`) && !file.records.includes(record)) file.records.push(record);
  };
  for (const definition of scalarFunctions) {
    const operator = definition.family === 'operator';
    const name = operator ? operatorFile(definition.name) : definition.name;
    const subject = operator ? `the operator ${definition.name}` : definition.name;
    for (const { sql, result } of definition.examples) put(`${definition.family}/${name}.slt`, subject, `SELECT ${sql}`, result);
  }
  for (const definition of aggregateFunctions) {
    for (const { sql, result } of definition.examples) put(`aggregate/${definition.name}.slt`, `the aggregate ${definition.name}`, sql, result);
  }
  for (const definition of tableFunctions) {
    const subject = `the first row of ${definition.name} in FROM`;
    for (const { sql, result } of definition.examples as readonly Example[]) {
      put(`table/${definition.name}.slt`, subject, `SELECT x FROM ${sql} x LIMIT 1`, result);
    }
  }
  return [...files].map(([path, { subject, records }]) => ({ path, text: `# description: ${subject}\n\n${records.join('\n\n')}\n` }));
}

function cell(result: string | null): string {
  return result === null ? 'NULL' : result === '' ? '(empty)' : result;
}

function operatorFile(symbol: string): string {
  const codes = [...symbol].map((character) => character.codePointAt(0)!.toString(16));
  return SYMBOL_WORDS.get(symbol) ?? `symbol-${codes.join('-')}`;
}
