import { page } from './markdown.ts';
import { type StatementGuide, statementGroups } from './statement-guide.ts';

/** Every statement with its syntax in a line and an example that the tests run. */
export function statementsPage(): string {
  const sections = statementGroups.map(({ title, statements }) => `## ${title}\n\n${statements.map(guide).join('\n\n')}`);
  return page(
    'Statements',
    'Syntax in one line each: capitals are words of the language, `[…]` may be left out, `|` is a choice. The tests run every example, in the order of this page. ' +
      'The grammar reads more statements than these; one that does nothing yet is refused with SQLSTATE 0A000 and its name.',
    sections,
  );
}

function guide({ title, syntax, about, example }: StatementGuide): string {
  return `### ${title}\n\n${about}\n\n\`\`\`text\n${syntax}\n\`\`\`\n\n\`\`\`sql\n${example};\n\`\`\``;
}
