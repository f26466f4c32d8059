import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseStatements, printStatement, splitStatements } from './index.ts';
import { withoutSpans } from './testing/without-spans.ts';

const folder = new URL('./corpus/', import.meta.url);

/** The kinds of nodes that have no span, or one outside of the text. */
function withBadSpans(node: unknown, textLength: number): string[] {
  if (node === null || typeof node !== 'object') return [];
  const inner = Object.values(node).flatMap((child) => withBadSpans(child, textLength));
  if (!('kind' in node)) return inner;
  const { span } = node as { span?: { start: number; end: number } };
  const isGood = span !== undefined && span.start >= 0 && span.start <= span.end && span.end <= textLength;
  return isGood ? inner : [...inner, String(node.kind)];
}

describe.each(readdirSync(folder))('%s', (name) => {
  const text = readFileSync(new URL(name, folder), 'utf8');
  const statements = splitStatements(text);

  it('reads as a whole into the statements the splitter finds', () => {
    expect(parseStatements(text).map((parsed) => parsed.text)).toEqual(statements.map((statement) => statement.text));
  });

  it.each(statements.map((statement) => [statement.text.replace(/\s+/g, ' ').slice(0, 60), statement.text]))('%s', (_title, statement) => {
    const [parsed] = parseStatements(statement);
    expect(withBadSpans(parsed!.statement, statement.length)).toEqual([]);
    const printed = printStatement(parsed!.statement);
    const [again] = parseStatements(printed);
    expect(withoutSpans(again!.statement), printed).toEqual(withoutSpans(parsed!.statement));
    expect(printStatement(again!.statement)).toBe(printed);
  });
});
