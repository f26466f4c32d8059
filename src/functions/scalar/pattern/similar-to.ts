import { SqlError, SqlState } from '../../../base/index.ts';

/** SIMILAR TO's pattern as a regular expression (PostgreSQL's similar_to_escape): % and _ as in LIKE, | * + ? {} () [] as in POSIX. */
export function similarToExpression(pattern: string, mark: string): string {
  let out = '^(?:';
  let bracket = false;
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!;
    if (character === mark && mark !== '') {
      i++;
      const next = pattern[i];
      if (next === undefined)
        throw new SqlError({ code: SqlState.invalidEscapeSequence, message: 'SIMILAR TO pattern must not end with escape character' });
      out += `\\${next}`;
    } else if (bracket) {
      out += character === '\\' ? '\\\\' : character;
      if (character === ']') bracket = false;
    } else if (character === '[') {
      bracket = true;
      out += character;
    } else if (character === '%') out += '.*';
    else if (character === '_') out += '.';
    else if (character === '(') out += '(?:';
    else if (/[\\^$.]/.test(character)) out += `\\${character}`;
    else out += character;
  }
  return `${out})$`;
}
