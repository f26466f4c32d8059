import { describe, expect, it } from 'vitest';
import { SqlError } from '../base/index.ts';
import { parseExpression, parseStatement, parseStatements, renderCaret } from './index.ts';

function errorOf(run: () => unknown): SqlError {
  try {
    run();
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
  throw new Error('no error');
}

const cases: readonly [text: string, message: string, position: number, hint?: string][] = [
  ['SELEC a FROM t', 'syntax error at or near "SELEC"', 0, 'SELECT'],
  ['SELECT a FORM t', 'syntax error at or near "t"', 14, 'FROM'],
  ['SELECT a FROM t WEHRE a = 1', 'syntax error at or near "a"', 22, 'WHERE'],
  ['SELECT a FROM t GROPU BY a', 'syntax error at or near "BY"', 22, 'GROUP'],
  ['SELECT a FROM t ODRER BY a', 'syntax error at or near "BY"', 22, 'ORDER'],
  ['CREATE TABEL t (a int)', 'syntax error at or near "TABEL"', 7, 'TABLE'],
  ['CREATE MATERIALISED VIEW v AS SELECT 1', 'syntax error at or near "MATERIALISED"', 7, 'MATERIALIZED'],
  ['INSERT INOT t VALUES (1)', 'syntax error at or near "INOT"', 7, 'INTO'],
  ['DROP VEIW v', 'syntax error at or near "VEIW"', 5, 'VIEW'],
  ['SELECT', '', -1],
  ['SELECT a FROM', 'syntax error at end of input', 13],
  ['SELECT a FROM t WHERE', 'syntax error at end of input', 21],
  ['SELECT (1 + 2', 'syntax error at end of input', 13],
  ['SELECT 1 +', 'syntax error at end of input', 10],
  ['SELECT a,, b', 'syntax error at or near ","', 9],
  ['SELECT 1)', 'syntax error at or near ")"', 8],
  ['SELECT a b c', 'syntax error at or near "c"', 11],
  ['SELECT a < b < c', 'syntax error at or near "<"', 13],
  ['SELECT a BETWEEN 1', 'syntax error at end of input', 18],
  ['SELECT a LIMIT 1 LIMIT 2', 'syntax error at or near "LIMIT"', 17],
  ['SELECT * FROM t WHERE a == 1', 'syntax error at or near "1"', -2],
  ["SELECT 'abc", 'unterminated quoted string at or near "\'abc"', 7],
  ['SELECT "abc', 'unterminated quoted identifier at or near ""abc"', 7],
  ['SELECT 1 /* a', 'unterminated /* comment at or near "/* a"', 9],
  ['SELECT $$ a', 'unterminated dollar-quoted string at or near "$$ a"', 7],
  ['SELECT 12ab', 'trailing junk after numeric literal at or near "12ab"', 7],
  ['SELECT ""', 'zero-length delimited identifier at or near """"', 7],
  ['CREATE TABLE t (a)', 'syntax error at or near ")"', 17],
  ['CREATE TABLE select (a int)', 'syntax error at or near "select"', 13],
  ['foo', 'syntax error at or near "foo"', 0],
  ['SELECT 1; SELEC 2', 'syntax error at or near "SELEC"', 10, 'SELECT'],
];

describe('syntax errors', () => {
  it.each(cases.filter(([, , position]) => position >= 0))('%s', (text, message, position, word) => {
    const error = errorOf(() => parseStatements(text));
    expect({ code: error.code, message: error.message, position: error.position }).toEqual({ code: '42601', message, position });
    expect(error.hint).toBe(word === undefined ? undefined : `Perhaps you meant "${word}".`);
    expect(error.detail === undefined || error.detail.length < 120).toBe(true);
  });

  it('accepts what PostgreSQL accepts, however odd', () => {
    expect(() => parseStatements('SELECT')).not.toThrow();
    expect(parseStatements(' ; ;; ')).toEqual([]);
    // `==` is an operator symbol nobody has defined: an error of the binder.
    expect(() => parseStatements('SELECT * FROM t WHERE a == 1')).not.toThrow();
  });

  it('names what was expected when that is short', () => {
    expect(errorOf(() => parseStatement('INSERT t')).detail).toBe('Expected INTO.');
    expect(errorOf(() => parseStatement('EXECUTE STATEMENT SET 1')).detail).toBe('Expected BEGIN.');
  });

  it('refuses two statements or none where one is asked for', () => {
    expect(errorOf(() => parseStatement('SELECT 1; SELECT 2'))).toMatchObject({ code: '42601', position: 10 });
    expect(errorOf(() => parseStatement(' -- nothing '))).toMatchObject({ code: '42601', message: 'syntax error at end of input' });
    expect(errorOf(() => parseExpression('1 2'))).toMatchObject({ position: 2 });
  });

  it('keeps positions behind characters of several units', () => {
    const text = "SELECT '😀', a FORM t";
    expect(errorOf(() => parseStatement(text)).position).toBe(text.indexOf(' t') + 1);
  });
});

describe('renderCaret', () => {
  it.each([
    ['SELEC a', 0, 'LINE 1: SELEC a\n        ^'],
    ['SELECT a\n  FORM t\nWHERE b', 11, 'LINE 2:   FORM t\n          ^'],
    ['SELECT a\nFROM', 13, 'LINE 2: FROM\n            ^'],
    ["SELECT '😀' x y", 14, "LINE 1: SELECT '😀' x y\n                     ^"],
  ])('%j at %i', (text, position, expected) => {
    expect(renderCaret(text, position)).toBe(expected);
  });

  it('cuts a long line around the caret', () => {
    const text = `SELECT ${'a, '.repeat(60)}b c d, ${'e, '.repeat(60)}f`;
    const [line, caret] = renderCaret(text, text.indexOf('d,')).split('\n');
    expect(line!.length).toBeLessThanOrEqual(76);
    expect(line).toMatch(/^LINE 1: \.\.\..*\.\.\.$/);
    expect(line![caret!.length - 1]).toBe('d');
  });
});

describe("statements of PostgreSQL's that are not there", () => {
  it.each([
    ['LISTEN x', 'LISTEN is not supported', 0],
    ['SELECT 1; -- then\n REINDEX (VERBOSE) TABLE t;', 'REINDEX is not supported', 19],
    ['create or replace trigger a', 'CREATE TRIGGER is not supported', 0],
    ['refresh materialized view concurrently v', 'REFRESH MATERIALIZED VIEW is not supported', 0],
    ['DO $$ BEGIN END $$', 'DO is not supported', 0],
    ['CREATE ROLE x', 'CREATE ROLE is not supported', 0],
    ["PREPARE TRANSACTION 'x'", 'PREPARE TRANSACTION is not supported', 0],
  ])('%s', (text, message, position) => {
    const error = errorOf(() => parseStatements(text));
    expect({ code: error.code, message: error.message, position: error.position }).toEqual({ code: '0A000', message, position });
  });

  it('are told from those that are only wrong', () => {
    expect(errorOf(() => parseStatements('CREATE TABLE lock (a int,)')).code).toBe('42601');
    expect(errorOf(() => parseStatements('SELECT 1 listen x')).code).toBe('42601');
  });
});
