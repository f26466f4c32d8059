import { keywords } from './keywords.ts';

/** All functions here take a word in lower case; '' stands for "no word here" and is never a name. */

/** The name of a column, a table or another object (ColId in PostgreSQL's grammar). */
export function isColumnName(word: string): boolean {
  if (word === '') return false;
  const keyword = keywords.get(word);
  return keyword === undefined || keyword.category === 'unreserved' || keyword.category === 'column-name';
}

/** The alias of a select item without AS (BareColLabel). */
export function isBareLabel(word: string): boolean {
  return word !== '' && (keywords.get(word)?.alias ?? 'bare') === 'bare';
}

/** The alias of a table without AS: words that go on with a join are none. */
export function isBareTableAlias(word: string): boolean {
  return isColumnName(word) && keywords.get(word)?.alias !== 'join';
}

/** The name of a function or a type. Wider than PostgreSQL's, which refuses some that only we would have to build in. */
export function isFunctionName(word: string): boolean {
  return word !== '' && keywords.get(word)?.category !== 'reserved';
}

const committedCalls: ReadonlySet<string> = new Set([
  'array',
  'cast',
  'exists',
  'extract',
  'interval',
  'json',
  'json_array',
  'json_arrayagg',
  'json_exists',
  'json_object',
  'json_objectagg',
  'json_query',
  'json_scalar',
  'json_serialize',
  'json_value',
  'map',
  'overlay',
  'position',
  'row',
  'struct',
  'substring',
  'trim',
  'try_cast',
]);

/** Words whose parenthesis begins a syntax of its own: never read again as a plain call, so that nesting stays linear. */
export function isCommittedCall(word: string): boolean {
  return committedCalls.has(word);
}

const otherForms: ReadonlySet<string> = new Set(['double', 'current_schema', 'final', 'running']);

/** Words that may begin an operand which is not a plain name or call. */
export function startsSpecialForm(word: string): boolean {
  if (word === '') return false;
  const keyword = keywords.get(word);
  if (keyword === undefined) return false;
  return keyword.category === 'reserved' || keyword.category === 'column-name' || otherForms.has(word);
}

const operatorWords: ReadonlySet<string> = new Set([
  'at',
  'between',
  'collate',
  'escape',
  'ilike',
  'in',
  'is',
  'isnull',
  'like',
  'not',
  'notnull',
  'operator',
  'similar',
]);

/** Words that may stand where an operator is expected, AND and OR aside. */
export function startsOperator(word: string): boolean {
  return operatorWords.has(word);
}
