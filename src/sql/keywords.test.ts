import { loadModule, parseSync, scanSync } from 'libpg-query';
import { beforeAll, expect, it } from 'vitest';
import { keywords } from './index.ts';

beforeAll(() => loadModule());

const kinds = ['none', 'unreserved', 'column-name', 'type-function-name', 'reserved'];
/** Reserved only here: they end a query or a FROM item, where PostgreSQL's users could have an alias. */
const ownReserved = ['emit', 'match_recognize', 'qualify'];

it('gives every word the category PostgreSQL gives it', () => {
  for (const { word, category, origin } of keywords.values()) {
    const kind = kinds[scanSync(word).tokens[0]!.keywordKind];
    if (origin === 'postgresql') expect([word, category]).toEqual([word, kind]);
    else expect([word, kind]).toEqual([word, 'none']);
  }
});

it('has all words of PostgreSQL and reserves few of its own', () => {
  const own = [...keywords.values()].filter((keyword) => keyword.origin === 'postgresql');
  expect(own).toHaveLength(494);
  const reserved = [...keywords.values()].filter((keyword) => keyword.category === 'reserved' && keyword.origin === 'fsql');
  expect(reserved.map((keyword) => keyword.word)).toEqual(ownReserved);
});

it('knows which words need AS in front of them', () => {
  for (const { word, alias, origin } of keywords.values()) {
    if (origin !== 'postgresql') continue;
    expect([word, alias === 'bare']).toEqual([word, isBareAlias(word)]);
  }
});

function isBareAlias(word: string): boolean {
  try {
    const tree = parseSync(`SELECT a ${word}`) as unknown as {
      stmts: { stmt: { SelectStmt: { targetList: { ResTarget: { name?: string } }[] } } }[];
    };
    return tree.stmts[0]!.stmt.SelectStmt.targetList[0]!.ResTarget.name === word;
  } catch {
    return false;
  }
}

it('is sorted and in lower case', () => {
  const words = [...keywords.keys()];
  expect(words).toEqual([...words].sort());
  expect(words.every((word) => word === word.toLowerCase())).toBe(true);
});
