import { CommandError, type CopyEnds } from './meta-command.ts';

/** `\copy` taken apart: the COPY the server gets, and the file at this end. */
export interface ParsedCopy {
  readonly sql: string;
  readonly ends: CopyEnds;
}

const wordPattern =
  /\s*(\((?:[^()'"]|'(?:[^']|'')*'|"(?:[^"]|"")*"|\((?:[^()]|\([^()]*\))*\))*\)|'(?:[^']|'')*'|"(?:[^"]|"")*"(?:\."(?:[^"]|"")*")?|[^\s()'"]+)/y;

/** Everything before FROM or TO is the table or query, the word behind it the file, the rest options for the server. */
export function parseCopy(text: string): ParsedCopy {
  wordPattern.lastIndex = 0;
  const what: string[] = [];
  for (let match = wordPattern.exec(text); match !== null; match = wordPattern.exec(text)) {
    const word = match[1]!;
    const direction = word.toLowerCase();
    if (what.length === 0 || (direction !== 'from' && direction !== 'to')) {
      what.push(word);
      continue;
    }
    const file = wordPattern.exec(text)?.[1];
    if (file === undefined) break;
    const options = text.slice(wordPattern.lastIndex).replace(/;?\s*$/, '');
    const end = direction === 'from' ? 'STDIN' : 'STDOUT';
    return { sql: `COPY ${what.join(' ')} ${direction.toUpperCase()} ${end}${options}`, ends: endsOf(direction, file) };
  }
  throw new CommandError('\\copy: arguments required: TABLE FROM FILE, or TABLE or (QUERY) TO FILE');
}

/** `stdin` and `stdout` stay what they are for COPY; a file may stand in quotes. */
function endsOf(direction: 'from' | 'to', file: string): CopyEnds {
  if (/^p?std(?:in|out)$/i.test(file)) return {};
  const path = file.startsWith("'") ? file.slice(1, -1).replaceAll("''", "'") : file;
  return direction === 'from' ? { from: path } : { to: path };
}
