import { SqlError, SqlState } from '../../base/index.ts';

/** One record of a test script: a directive line, its body, and what is expected behind `----`. */
export interface ScriptRecord {
  /** One-based line of the directive. */
  readonly line: number;
  readonly directive: string;
  readonly words: readonly string[];
  readonly body: string;
  /** Lines behind `----`, or null where there is none. */
  readonly expected: readonly string[] | null;
  /** Lines of the expectation in the file, for --rewrite: [first, last) zero-based; first = last where there is none. */
  readonly expectedRange: readonly [number, number];
  readonly onlyIf: readonly string[];
  readonly skipIf: readonly string[];
}

export interface Script {
  readonly description: string;
  /** Configurations the file runs in; empty: all. */
  readonly configurations: readonly string[];
  readonly excludedConfigurations: readonly string[];
  readonly records: readonly ScriptRecord[];
  readonly lines: readonly string[];
}

const headers = /^#\s*(description|configs|requires):\s*(.*)$/;

/** Reads a `.slt` file. Records are separated by empty lines; `#` starts a comment line between records. Errors: 42601 naming the line. */
export function parseScript(text: string): Script {
  const lines = text.split('\n');
  const records: ScriptRecord[] = [];
  let description = '';
  let configurations: string[] = [];
  let conditions = { onlyIf: [] as string[], skipIf: [] as string[] };
  for (let at = 0; at < lines.length; ) {
    const line = lines[at]!.trim();
    const header = headers.exec(line);
    if (header?.[1] === 'description') description = header[2]!;
    if (header?.[1] === 'configs') configurations = header[2]!.split(/[,\s]+/).filter((word) => word !== '');
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
    const record = readRecord(lines, at, words, conditions);
    records.push(record);
    conditions = { onlyIf: [], skipIf: [] };
    at = recordEnd(lines, at);
  }
  if (description === '')
    throw new SqlError({ code: SqlState.syntaxError, message: 'a test file says what it is about', hint: 'Begin with "# description: …".' });
  return {
    description,
    configurations: configurations.filter((name) => !name.startsWith('!')),
    excludedConfigurations: configurations.filter((name) => name.startsWith('!')).map((name) => name.slice(1)),
    records,
    lines,
  };
}

function recordEnd(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && lines[at]!.trim() !== '') at++;
  return at;
}

function readRecord(
  lines: readonly string[],
  from: number,
  words: readonly string[],
  conditions: { readonly onlyIf: readonly string[]; readonly skipIf: readonly string[] },
): ScriptRecord {
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
    ...conditions,
  };
}
