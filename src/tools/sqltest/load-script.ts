import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SqlError, SqlState } from '../../base/index.ts';
import { configurationLists, parseRecords, type Script, type ScriptRecord, scriptError } from './parse-script.ts';
import { parseSqlScript, sqlRecords } from './parse-sql-script.ts';

const INCLUDE_DEPTH_MAX = 16;
const LOOP_ROUNDS_MAX = 100_000;

/** Reads a test file with what it includes, its loops unrolled and its variables put in. Errors: 42601 naming file and line. */
export function loadScript(file: string): Script {
  const text = readFileSync(file, 'utf8');
  if (file.endsWith('.sql')) {
    const script = parseSqlScript(text, file);
    return { ...script, cases: script.cases.map((one) => ({ ...one, records: expanded(one.records) })) };
  }
  const { records, headers } = parseRecords(text, file);
  const description = headers.get('description') ?? '';
  if (description === '')
    throw new SqlError({ code: SqlState.syntaxError, message: 'a test file says what it is about', hint: 'Begin with "# description: …".' });
  return {
    description,
    ...configurationLists(headers.get('configs')),
    cases: [{ name: null, records: expanded(records), expectedError: null }],
    lines: text.split('\n'),
  };
}

/** One statement of a text, with where it stands: `file` absent where that is the text itself. */
export interface TestStatementText {
  readonly file: string | undefined;
  readonly line: number;
  readonly sql: string;
}

/** The statements of a text and of the files that it includes (`\i FILE`, from the working directory). Errors: 42601 naming file and line. */
export function testStatements(text: string): TestStatementText[] {
  const itself = 'script';
  return expanded(sqlRecords(text, itself, 1)).map(({ file, line, body }) => ({ file: file === itself ? undefined : file, line, sql: body }));
}

function expanded(records: readonly ScriptRecord[]): ScriptRecord[] {
  return expand(records, { variables: new Map(), depth: 0 });
}

interface Scope {
  /** `subst` adds to them for what follows, in included files too. */
  readonly variables: Map<string, string>;
  readonly depth: number;
}

function expand(records: readonly ScriptRecord[], scope: Scope): ScriptRecord[] {
  const result: ScriptRecord[] = [];
  for (let at = 0; at < records.length; at++) {
    const record = substituted(records[at]!, scope.variables);
    switch (record.directive) {
      case 'include':
        result.push(...underConditions(record, expand(included(record, scope), { ...scope, depth: scope.depth + 1 })));
        break;
      case 'subst': {
        const [name = '', ...words] = record.words;
        scope.variables.set(name, words.join(' '));
        break;
      }
      case 'loop': {
        const [name, values] = loopValues(record);
        const end = loopEnd(records, at);
        for (const value of values) {
          const inner = { ...scope, variables: new Map([...scope.variables, [name, value]]) };
          const round = expand(records.slice(at + 1, end), inner).map((one) => ({ ...one, expectedRange: null }));
          result.push(...underConditions(record, round));
        }
        at = end;
        break;
      }
      case 'endloop':
        throw scriptError(record, 'endloop without a loop');
      default:
        result.push(record);
    }
  }
  return result;
}

/** `onlyif` and `skipif` in front of an include or a loop hold for what is in it. */
function underConditions({ onlyIf, skipIf }: ScriptRecord, records: readonly ScriptRecord[]): ScriptRecord[] {
  return records.map((one) => ({ ...one, onlyIf: one.onlyIf.length === 0 ? onlyIf : one.onlyIf, skipIf: [...skipIf, ...one.skipIf] }));
}

/** The records of another file, its path taken from where the including one lies. */
function included(record: ScriptRecord, scope: Scope): ScriptRecord[] {
  const [name] = record.words;
  if (name === undefined) throw scriptError(record, 'include names a file');
  if (scope.depth >= INCLUDE_DEPTH_MAX) throw scriptError(record, `includes are nested more than ${INCLUDE_DEPTH_MAX} deep`);
  const path = join(dirname(record.file), name);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw scriptError(record, `cannot read "${path}": ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  const records = path.endsWith('.sql') ? sqlRecords(text, path, 1) : parseRecords(text, path).records;
  return records.map((one) => ({ ...one, expectedRange: null }));
}

/** `loop NAME FIRST END` counts up to but not including END. */
function loopValues(record: ScriptRecord): [string, string[]] {
  const [name, first, end] = record.words;
  const from = Number(first);
  const to = Number(end);
  if (name === undefined || !Number.isInteger(from) || !Number.isInteger(to) || to - from > LOOP_ROUNDS_MAX)
    throw scriptError(record, 'a loop is "loop NAME FIRST END", with whole numbers', `At most ${LOOP_ROUNDS_MAX} rounds.`);
  return [name, Array.from({ length: Math.max(0, to - from) }, (_, index) => String(from + index))];
}

function loopEnd(records: readonly ScriptRecord[], from: number): number {
  let depth = 0;
  for (let at = from; at < records.length; at++) {
    const { directive } = records[at]!;
    if (directive === 'loop') depth++;
    if (directive === 'endloop' && --depth === 0) return at;
  }
  throw scriptError(records[from]!, 'loop without an endloop');
}

/** `$name` and `${name}` of variables that are there; every other dollar stays. */
function substituted(record: ScriptRecord, variables: ReadonlyMap<string, string>): ScriptRecord {
  if (variables.size === 0) return record;
  const put = (text: string): string =>
    text.replaceAll(/\$\{(\w+)\}|\$(\w+)/g, (written, braced?: string, bare?: string) => variables.get(braced ?? bare ?? '') ?? written);
  const result = { ...record, words: record.words.map(put), body: put(record.body), expected: record.expected?.map(put) ?? null };
  const changed = result.body !== record.body || result.expected?.join('\n') !== record.expected?.join('\n');
  return changed ? { ...result, expectedRange: null } : result;
}
