import { splitStatements } from '../../sql/index.ts';
import { configurationLists, type Script, type ScriptRecord, scriptError, type TestCase } from './parse-script.ts';

/** `\i FILE`, `\ir FILE`: a command of psql, on a line of its own. */
const INCLUDE = /^\s*\\ir?\s+(\S+)\s*$/;
const TAG = /^\s*--@([a-z.]+):\s*(.*?)\s*$/;

interface OpenCase {
  readonly name: string | null;
  readonly line: number;
  readonly start: number;
  code: string | null;
  message: string | null;
}

/**
 * Reads a `.sql` file: statements, `\i FILE`, and the headers `--@description:`, `--@configs:`, `--@test: name`, `--@expected.error:`,
 * `--@expected.message:`. Each `--@test` begins a test with a database of its own; what stands in front of the first is run before each of them.
 */
export function parseSqlScript(text: string, file: string): Script {
  const lines = text.split('\n');
  const cases: OpenCase[] = [{ name: null, line: 1, start: 0, code: null, message: null }];
  let description = file;
  let configs: string | undefined;
  let offset = 0;
  lines.forEach((line, index) => {
    const [, tag, value] = TAG.exec(line) ?? [];
    const open = cases.at(-1)!;
    if (tag === 'test') cases.push({ name: value!, line: index + 1, start: offset, code: null, message: null });
    else if (tag === 'expected.error') open.code = value!;
    else if (tag === 'expected.message') open.message = value!;
    else if (tag === 'description') description = value!;
    else if (tag === 'configs') configs = value!;
    else if (tag !== undefined)
      throw scriptError(
        { file, line: index + 1 },
        `unknown header "--@${tag}"`,
        'There are description, configs, test, expected.error and expected.message.',
      );
    offset += line.length + 1;
  });
  const [first, ...tests] = cases;
  const common = sqlRecords(text.slice(0, tests[0]?.start ?? text.length), file, 1);
  const read = (one: OpenCase, end: number): TestCase => ({
    name: one.name,
    records: [...common, ...sqlRecords(text.slice(one.start, end), file, one.line)],
    expectedError: expectedError(one),
  });
  return {
    description,
    ...configurationLists(configs),
    cases:
      tests.length === 0
        ? [{ name: null, records: common, expectedError: expectedError(first!) }]
        : tests.map((one, index) => read(one, tests[index + 1]?.start ?? text.length)),
    lines,
  };
}

function expectedError({ code, message }: OpenCase): TestCase['expectedError'] {
  return code === null && message === null ? null : { code, message };
}

/** Statements and includes of a text that begins at `firstLine` of the file. */
export function sqlRecords(text: string, file: string, firstLine: number): ScriptRecord[] {
  const lines = text.split('\n');
  const records: ScriptRecord[] = [];
  let from = 0;
  const take = (to: number): void => {
    const part = lines.slice(from, to).join('\n');
    let line = firstLine + from;
    let at = 0;
    for (const statement of splitStatements(part)) {
      line += part.slice(at, statement.start).split('\n').length - 1;
      at = statement.start;
      records.push(record(file, line, 'sql', statement.text));
    }
  };
  lines.forEach((line, index) => {
    const include = INCLUDE.exec(line);
    // Inside a string or a statement that goes on it is no command.
    if (include === null || splitStatements(lines.slice(from, index).join('\n')).at(-1)?.complete === false) return;
    take(index);
    records.push({ ...record(file, firstLine + index, 'include', ''), words: [include[1]!] });
    from = index + 1;
  });
  take(lines.length);
  return records;
}

function record(file: string, line: number, directive: string, body: string): ScriptRecord {
  return { file, line, directive, words: [], body, expected: null, expectedRange: null, onlyIf: [], skipIf: [] };
}
