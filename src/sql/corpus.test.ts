import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseStatements, printStatement, splitStatements } from './index.ts';
import { withoutSpans } from './testing/without-spans.ts';

const folder = new URL('./corpus/', import.meta.url);

/** Every object with a kind must have a span inside its text, and a child's span may not be wider than the statement. */
function checkSpans(node: unknown, textLength: number): void {
  if (Array.isArray(node)) for (const child of node) checkSpans(child, textLength);
  if (node === null || typeof node !== 'object' || Array.isArray(node)) return;
  if ('kind' in node) {
    const { span } = node as unknown as { span?: { start: number; end: number } };
    expect(span, `span of ${String(node.kind)}`).toBeDefined();
    expect(span!.start).toBeGreaterThanOrEqual(0);
    expect(span!.end).toBeGreaterThanOrEqual(span!.start);
    expect(span!.end).toBeLessThanOrEqual(textLength);
  }
  for (const child of Object.values(node)) checkSpans(child, textLength);
}

describe.each(readdirSync(folder))('%s', (name) => {
  const text = readFileSync(new URL(name, folder), 'utf8');
  const statements = splitStatements(text);

  it('reads as a whole into the statements the splitter finds', () => {
    expect(parseStatements(text).map((parsed) => parsed.text)).toEqual(statements.map((statement) => statement.text));
  });

  it.each(statements.map((statement) => [statement.text.replace(/\s+/g, ' ').slice(0, 60), statement.text]))('%s', (_title, statement) => {
    const [parsed] = parseStatements(statement);
    checkSpans(parsed!.statement, statement.length);
    const printed = printStatement(parsed!.statement);
    const [again] = parseStatements(printed);
    expect(withoutSpans(again!.statement), printed).toEqual(withoutSpans(parsed!.statement));
    expect(printStatement(again!.statement)).toBe(printed);
  });
});
