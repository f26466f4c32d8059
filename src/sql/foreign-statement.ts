import { SqlError, SqlState } from '../base/index.ts';
import { readToken, skipGap } from './lexer.ts';

/** How PostgreSQL's statements begin that fsql has not; what to do instead, where there is something. */
const STATEMENTS: readonly (readonly [words: string, hint?: string])[] = [
  ['LISTEN', 'Use SUBSCRIBE to be told of changes.'],
  ['UNLISTEN'],
  ['NOTIFY', 'Use SUBSCRIBE to be told of changes.'],
  ['REINDEX'],
  ['CLUSTER'],
  ['LOCK', 'Conflicting writes are detected at COMMIT.'],
  ['DO'],
  ['CALL'],
  ['GRANT', 'There is one user, and it may do everything.'],
  ['REVOKE', 'There is one user, and it may do everything.'],
  ['REASSIGN'],
  ['ASSERT SCHEMA', 'There is no schema registry: ASSERT STREAM and ASSERT TABLE compare the columns.'],
  ['ASSERT NOT EXISTS SCHEMA', 'There is no schema registry: ASSERT STREAM and ASSERT TABLE compare the columns.'],
  [
    'RUN SCRIPT',
    'A server reads no files for its clients. RUN SCRIPT runs in the terminal (fsql, fsql -f) and in the file of fsql run; psql has \\i.',
  ],
  [
    'CREATE SOURCE ? FROM',
    "FROM KAFKA CONNECTION c (TOPIC 't') FORMAT TEXT, BYTES or JSON runs; other messages have their columns: CREATE SOURCE s (…) WITH (connection = c, topic = …).",
  ],
  ['SECURITY LABEL'],
  ['IMPORT FOREIGN SCHEMA'],
  ['REFRESH MATERIALIZED VIEW', 'A materialized view is always up to date.'],
  ['PREPARE TRANSACTION'],
  ['COMMIT PREPARED'],
  ['ROLLBACK PREPARED'],
  ...['ROLE', 'USER', 'GROUP'].flatMap((what): [string, string][] =>
    ['CREATE', 'DROP'].map((verb) => [`${verb} ${what}`, 'There is one user, and it may do everything.']),
  ),
  ...[
    'TRIGGER',
    'EVENT TRIGGER',
    'RULE',
    'SEQUENCE',
    'EXTENSION',
    'DOMAIN',
    'OPERATOR',
    'CAST',
    'POLICY',
    'PUBLICATION',
    'SERVER',
    'STATISTICS',
    'TABLESPACE',
    'PROCEDURE',
    'COLLATION',
  ].flatMap((what): [string][] => ['CREATE', 'DROP'].map((verb) => [`${verb} ${what}`])),
];

const WORDS_MAX = 5;

/** 0A000 for a statement that PostgreSQL knows by its first words and fsql does not; null for any other text. `start` is where it begins. */
export function foreignStatementError(text: string, start: number): SqlError | null {
  const words = firstWords(text, start);
  const known = STATEMENTS.find(([beginning]) => beginsWith(words, beginning.split(' ')));
  if (known === undefined) return null;
  const [beginning, hint] = known;
  return new SqlError({ code: SqlState.featureNotSupported, message: `${beginning.replace('?', '…')} is not supported`, hint, position: start });
}

/** `?` stands for any one word. */
function beginsWith(words: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((word, index) => words[index] === word || (word === '?' && words[index] !== undefined));
}

function firstWords(text: string, start: number): readonly string[] {
  const words: string[] = [];
  let at = start;
  while (words.length < WORDS_MAX) {
    const begin = skipGap(text, at);
    const token = typeof begin === 'number' ? readToken(text, begin) : null;
    if (token?.type !== 'word') break;
    words.push(text.slice(token.start, token.end).toUpperCase());
    at = token.end;
  }
  return words[0] === 'CREATE' && words[1] === 'OR' && words[2] === 'REPLACE' ? ['CREATE', ...words.slice(3)] : words;
}
