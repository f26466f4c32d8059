/**
 * The reference pages of docs/reference, printed from the definitions they describe: functions, connectors, formats, settings, system relations,
 * statements and commands. A test fails when a committed page is not what would be printed.
 *
 * Holds no knowledge of its own but two lists a definition has no place for: the syntax and examples of statements, and a sentence for each system relation.
 *
 * Start reading at functions-page.ts. `npm run docs` writes the pages.
 */
import { commandsPage } from './commands-page.ts';
import { connectorsPage, formatsPage } from './connectors-page.ts';
import { functionsPage } from './functions-page.ts';
import { settingsPage } from './settings-page.ts';
import { statementsPage } from './statements-page.ts';
import { systemRelationsPage } from './system-relations-page.ts';

/** Every page by its file name below docs/reference. */
export function printPages(): ReadonlyMap<string, string> {
  return new Map([
    ['commands.md', commandsPage()],
    ['connectors.md', connectorsPage()],
    ['formats.md', formatsPage()],
    ['functions.md', functionsPage()],
    ['settings.md', settingsPage()],
    ['statements.md', statementsPage()],
    ['system-relations.md', systemRelationsPage()],
  ]);
}
