import type { Relation } from './relation.ts';
import { referencedSecret } from './secret-reference.ts';

const HIDDEN = '****';

/** The statement that defines the relation, as users are shown it: without the passwords in its options. */
export function shownStatement({ statement, options }: Pick<Relation, 'statement' | 'options'>): string {
  let text = statement;
  for (const [name, value] of options ?? []) {
    const shown = referencedSecret(value) === null ? shownValue(name, value) : value;
    if (shown !== value) text = text.replaceAll(quoted(value), quoted(shown));
  }
  return text;
}

/** The value of an option as users are shown it. */
export function shownValue(name: string, value: string): string {
  if (value !== '' && /password|secret|jaas|token|ssl\.key|private[._-]?key/i.test(name)) return HIDDEN;
  // `scheme://user:password@host` and `?password=…` of a URL.
  return value.replace(/(:\/\/[^/?#@:]*:)[^/?#]*(@)/, `$1${HIDDEN}$2`).replace(/([?&](?:password|passwd|pwd)=)[^&]*/gi, `$1${HIDDEN}`);
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
