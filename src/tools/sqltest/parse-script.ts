import { SqlError, SqlState } from '../../base/index.ts';

/** One record of a test file: a directive line, its body, and what is expected behind `----`. A statement of a `.sql` file is one with the directive `sql`. */
export interface ScriptRecord {
  /** The file it was read from; another than the test's own when it was included. */
  readonly file: string;
  /** One-based line of the directive. */
  readonly line: number;
  readonly directive: string;
  readonly words: readonly string[];
  readonly body: string;
  /** Lines behind `----`, or null where there is none. */
  readonly expected: readonly string[] | null;
  /** Lines of the expectation in the file, for --rewrite: [first, last) zero-based; first = last where there is none. Null: not to be rewritten. */
  readonly expectedRange: readonly [number, number] | null;
  readonly onlyIf: readonly string[];
  readonly skipIf: readonly string[];
}

/** Records that share a database. */
export interface TestCase {
  /** Null: the only one of its file. */
  readonly name: string | null;
  readonly records: readonly ScriptRecord[];
  /** What has to go wrong in it: a SQLSTATE or any other name of an error, and a part of the message. Null: nothing. */
  readonly expectedError: { readonly code: string | null; readonly message: string | null } | null;
}

export interface Script {
  readonly description: string;
  /** Configurations the file runs in; empty: all. */
  readonly configurations: readonly string[];
  readonly excludedConfigurations: readonly string[];
  readonly cases: readonly TestCase[];
  readonly lines: readonly string[];
}

const headers = /^#\s*(description|configs|requires):\s*(.*)$/;

/** Reads a `.slt` file without following its includes and loops. Records are separated by empty lines; `#` starts a comment line between records. */
export function parseRecords(text: string, file: string): { readonly records: ScriptRecord[]; readonly headers: ReadonlyMap<string, string> } {
  const lines = text.split('\n');
  const records: ScriptRecord[] = [];
  const found = new Map<string, string>();
  let conditions = { onlyIf: [] as string[], skipIf: [] as string[] };
  for (let at = 0; at < lines.length; ) {
    const line = lines[at]!.trim();
    const header = headers.exec(line);
    if (header !== null) found.set(header[1]!, header[2]!);
    if (line === '' || line.startsWith('#')) {
      at++;
      continue;
    }
    const words = line.split(/\s+/);
    if (words[0] === 'onlyif' || words[0] === 'skipif') {
      if (words[0] === 'onlyif') conditions.onlyIf.push(words[1] ?? '');
      else conditions.skipIf.push(words[1] ?? '');
      at++;
      continue;
    }
    records.push({ file, ...readRecord(lines, at, words), ...conditions });
    conditions = { onlyIf: [], skipIf: [] };
    at = recordEnd(lines, at);
  }
  return { records, headers: found };
}

/** The names behind `configs:`, those to run in and those (with `!`) not to. */
export function configurationLists(text: string | undefined): Pick<Script, 'configurations' | 'excludedConfigurations'> {
  const names = (text ?? '').split(/[,\s]+/).filter((word) => word !== '');
  return {
    configurations: names.filter((name) => !name.startsWith('!')),
    excludedConfigurations: names.filter((name) => name.startsWith('!')).map((name) => name.slice(1)),
  };
}

/** Raised where a test file cannot be read. */
export function scriptError(place: Pick<ScriptRecord, 'file' | 'line'>, message: string, hint?: string): SqlError {
  return new SqlError({ code: SqlState.syntaxError, message: `${place.file}:${place.line}: ${message}`, ...(hint === undefined ? {} : { hint }) });
}

function recordEnd(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && lines[at]!.trim() !== '') at++;
  return at;
}

function readRecord(lines: readonly string[], from: number, words: readonly string[]): Omit<ScriptRecord, 'file' | 'onlyIf' | 'skipIf'> {
  const end = recordEnd(lines, from);
  const separator = lines.findIndex((line, index) => index > from && index < end && line.trim() === '----');
  const bodyEnd = separator < 0 ? end : separator;
  return {
    line: from + 1,
    directive: words[0]!,
    words: words.slice(1),
    body: lines.slice(from + 1, bodyEnd).join('\n'),
    expected: separator < 0 ? null : lines.slice(separator + 1, end),
    expectedRange: separator < 0 ? [end, end] : [separator + 1, end],
  };
}
