import { SqlError, SqlState } from '../../../base/index.ts';

type LikeToken = string | typeof ANY_ONE | typeof ANY_RUN | typeof BARE_ESCAPE;

/** A compiled LIKE pattern: literal characters, `_` as ANY_ONE, `%` as ANY_RUN, an escape character at the end as BARE_ESCAPE. */
export interface LikePattern {
  readonly tokens: readonly LikeToken[];
}

const ANY_ONE = 1;
const ANY_RUN = 2;
const BARE_ESCAPE = 3;
const CACHED_PATTERNS_MAX = 256;
const cache = new Map<string, LikePattern>();

/** `mark`, the escape character, is one character, or empty for none. */
export function compileLike(pattern: string, mark = '\\'): LikePattern {
  const key = `${mark}\u0000${pattern}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const tokens: LikeToken[] = [];
  const characters = Array.from(pattern);
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    if (character === mark) {
      i++;
      tokens.push(characters[i] ?? BARE_ESCAPE);
    } else if (character === '%') {
      if (tokens.at(-1) !== ANY_RUN) tokens.push(ANY_RUN);
    } else tokens.push(character === '_' ? ANY_ONE : character);
  }
  const compiled = { tokens };
  if (cache.size >= CACHED_PATTERNS_MAX) cache.clear();
  cache.set(key, compiled);
  return compiled;
}

/**
 * Whether the whole text matches. After a mismatch only the last `%` is widened, which is enough because runs match anything: time is at
 * most text length times pattern length, whatever the pattern. 22025 when a comparison reaches an escape character that escapes nothing.
 */
export function matchLike(text: string, pattern: LikePattern): boolean {
  const { tokens } = pattern;
  let at = 0;
  let token = 0;
  let runToken = -1;
  let runAt = 0;
  while (at < text.length) {
    const expected = tokens[token];
    const width =
      expected === ANY_ONE ? characterWidth(text, at) : typeof expected === 'string' && text.startsWith(expected, at) ? expected.length : 0;
    if (expected === BARE_ESCAPE) {
      throw new SqlError({ code: SqlState.invalidEscapeSequence, message: 'LIKE pattern must not end with escape character' });
    }
    if (expected === ANY_RUN) {
      runToken = token++;
      runAt = at;
    } else if (width > 0) {
      at += width;
      token++;
    } else if (runToken >= 0) {
      runAt += characterWidth(text, runAt);
      at = runAt;
      token = runToken + 1;
    } else return false;
  }
  while (tokens[token] === ANY_RUN) token++;
  return token === tokens.length;
}

function characterWidth(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit <= 0xdbff && at + 1 < text.length ? 2 : 1;
}
