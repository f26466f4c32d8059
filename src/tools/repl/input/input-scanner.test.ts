import { describe, expect, it } from 'vitest';
import { commandArguments, InputScanner, Variables } from './index.ts';

function scan(text: string, values: Record<string, string> = {}): { items: string[]; rest: string; inside: string } {
  const variables = new Variables();
  for (const [name, value] of Object.entries(values)) variables.set(name, value);
  const scanner = new InputScanner(variables);
  const items: string[] = [];
  for (const line of text.split('\n')) {
    for (const item of scanner.scan(line)) items.push(item.kind === 'statement' ? item.text : `\\${item.name}|${item.argumentText}`);
  }
  const { inside } = scanner;
  return { items, rest: scanner.takeBuffer().text, inside };
}

describe('statements', () => {
  it.each([
    ['SELECT 1; SELECT 2;', ['SELECT 1;', 'SELECT 2;']],
    ["SELECT ';', 'it''s;', E'\\';', \";\"\"\";", ["SELECT ';', 'it''s;', E'\\';', \";\"\"\";"]],
    ['SELECT $a$;$b$;$a$;', ['SELECT $a$;$b$;$a$;']],
    ['-- first;\nSELECT 1 -- not here;\n;', ['SELECT 1 -- not here;\n;']],
    ['SELECT /* ; /* ; */ ; */ 1;', ['SELECT /* ; /* ; */ ; */ 1;']],
    ['SELECT (1;\n2);', ['SELECT (1;\n2);']],
    [';;SELECT 1;;', ['SELECT 1;']],
    [
      'EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT 2; END;',
      ['EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT 2; END;'],
    ],
    ['SELECT 1 \\g out\\dt a\\\\ SELECT 2;', ['\\g| out', '\\dt| a', 'SELECT 1  SELECT 2;']],
  ])('%j', (text, items) => {
    expect(scan(text)).toEqual({ items, rest: '', inside: 'start' });
  });

  it.each([
    ['SELECT', 'statement'],
    ["SELECT 'a", 'quote'],
    ["SELECT E'a\\'", 'quote'],
    ['SELECT "a', 'identifier'],
    ['SELECT $x$ $y$', 'dollar'],
    ['SELECT (', 'parentheses'],
    ['SELECT /* a', 'comment'],
    ['-- nothing', 'start'],
  ])('%j needs more', (text, inside) => {
    expect(scan(text)).toMatchObject({ items: [], inside });
  });

  it('reads a long statement once a line', () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `(${index}, 'row ${index}')`);
    const { items } = scan(`INSERT INTO t VALUES\n${lines.join(',\n')};`);
    expect(items).toHaveLength(1);
    expect(items[0]).toHaveLength('INSERT INTO t VALUES\n'.length + lines.join(',\n').length + 1);
  });
});

describe('variables', () => {
  const values = { a: 'one', q: "it's", b: 'back\\slash', i: 'Name "x"', loop: ':loop x', two: ':a; SELECT :a' };

  it.each([
    ['SELECT :a, :\'q\', :"i";', ['SELECT one, \'it\'\'s\', "Name ""x""";']],
    ["SELECT :'b';", ["SELECT  E'back\\\\slash';"]],
    ['SELECT \':a\', ":a", $$:a$$, x::a, y := :a;', ['SELECT \':a\', ":a", $$:a$$, x::a, y := one;']],
    ['SELECT :unknown, v[1:2];', ['SELECT :unknown, v[1:2];']],
    ['SELECT :{?a}, :{?none};', ['SELECT TRUE, FALSE;']],
    ['SELECT :loop;', ['SELECT :loop x;']],
    ['SELECT :two;', ['SELECT one;', 'SELECT one;']],
  ])('%j', (text, items) => {
    expect(scan(text, values).items).toEqual(items);
  });
});

describe('words of a command', () => {
  const variables = new Variables();
  variables.set('name', 'v 1');

  it.each([
    ['a b', ['a', 'b']],
    ["'a b' 'it''s' 'tab\\there' '\\101'", ['a b', "it's", 'tab\there', 'A']],
    ['"My Table" pre"Q"post', ['"My Table"', 'pre"Q"post']],
    [":name :'name' ::name", ['v 1', "'v 1'", ':v 1']],
    ['a \\dt', ['a']],
  ])('%j', (text, words) => {
    expect(commandArguments(text, 0, variables).words).toEqual(words);
  });
});
