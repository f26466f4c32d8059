import { describe, expect, it } from 'vitest';
import { splitStatements } from './index.ts';

describe('splitStatements', () => {
  it.each<[string, [string, boolean][]]>([
    ['', []],
    [' ;; -- nothing\n', []],
    ['SELECT 1', [['SELECT 1', false]]],
    ['SELECT 1;', [['SELECT 1', true]]],
    [
      'SELECT 1; SELECT 2',
      [
        ['SELECT 1', true],
        ['SELECT 2', false],
      ],
    ],
    ['SELECT \';\', ";", $$;$$ /* ; */ -- ;\n;', [['SELECT \';\', ";", $$;$$', true]]],
    ["SELECT 'a", [["SELECT 'a", false]]],
    ['SELECT (1;', [['SELECT (1;', false]]],
    ['SELECT 1 /* open', [['SELECT 1 /* open', false]]],
    ['/* open', [['/* open', false]]],
    ['SELECT $a$ ; ', [['SELECT $a$ ; ', false]]],
    [
      'EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT 2; END; SELECT 1;',
      [
        ['EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT 2; END', true],
        ['SELECT 1', true],
      ],
    ],
    ['BEGIN STATEMENT SET; INSERT INTO a SELECT 1;', [['BEGIN STATEMENT SET; INSERT INTO a SELECT 1;', false]]],
    [
      'BEGIN; COMMIT;',
      [
        ['BEGIN', true],
        ['COMMIT', true],
      ],
    ],
  ])('%j', (text, expected) => {
    const statements = splitStatements(text);
    expect(statements.map(({ text: one, complete }) => [one, complete])).toEqual(expected);
    for (const { text: one, start, end } of statements) expect(text.slice(start, end)).toBe(one);
  });
});
