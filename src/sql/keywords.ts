import { keywordTable } from './keywords.generated.js';

/** PostgreSQL's four classes of keywords (appendix C of its manual): where a word may stand as a name. */
export type KeywordCategory = 'reserved' | 'type-function-name' | 'column-name' | 'unreserved';

export interface Keyword {
  /** In lower case. */
  readonly word: string;
  readonly category: KeywordCategory;
  /** `bare`: a column alias without AS; `as`: only behind AS; `join`: that, and no table alias without AS either. */
  readonly alias: 'bare' | 'as' | 'join';
  /** Where the word comes from: PostgreSQL, or the streaming part of the language. */
  readonly origin: 'postgresql' | 'fsql';
}

/** Every keyword of the language by its lower-case spelling, in alphabetical order; the table is grammar/keywords.txt. */
export const keywords: ReadonlyMap<string, Keyword> = new Map(
  keywordTable.map(([word, category, alias, origin]) => [word, { word, category, alias, origin }]),
);
