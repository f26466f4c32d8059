import { parseStatement, printStatement, replaceNodes, type WithOption } from '../sql/index.ts';
import type { Relation } from './relation.ts';
import { referencedSecret } from './secret-reference.ts';

const HIDDEN = '****';

/** The statement that defines the relation, as users are shown it: without the passwords in its options, however they were written. */
export function shownStatement({ statement, options }: Pick<Relation, 'statement' | 'options'>): string {
  const hides = [...(options ?? [])].some(([name, value]) => referencedSecret(value) === null && shownValue(name, value) !== value);
  return hides ? printStatement(replaceNodes(parseStatement(statement), shownOption)) : statement;
}

/** The option to show in place of one that says what is not shown; undefined for all other nodes. A reference to a secret says its name only. */
function shownOption(node: unknown): WithOption | undefined {
  if ((node as WithOption | null)?.kind !== 'with-option') return undefined;
  const option = node as WithOption;
  const text = shownValue(option.key, option.value.text);
  if (text === option.value.text || option.value.form === 'secret' || option.value.form === 'absent') return undefined;
  return { ...option, value: { ...option.value, form: 'string', text } };
}

/** The value of an option as users are shown it. */
export function shownValue(name: string, value: string): string {
  if (value !== '' && /password|secret|jaas|token|ssl\.key|private[._-]?key/i.test(name)) return HIDDEN;
  // `scheme://user:password@host` and `?password=…` of a URL.
  return value.replace(/(:\/\/[^/?#@:]*:)[^/?#]*(@)/, `$1${HIDDEN}$2`).replace(/([?&](?:password|passwd|pwd)=)[^&]*/gi, `$1${HIDDEN}`);
}
