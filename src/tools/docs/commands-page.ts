import type { Command } from 'commander';
import { createProgram } from '../../main/cli.ts';
import { page } from './markdown.ts';

/** Wide enough that few descriptions wrap; the terminal printing it has no say. */
const HELP_COLUMNS = 120;

/** Help of the program and of every command, as `--help` prints it. */
export function commandsPage(): string {
  const program = createProgram();
  const sections = [program, ...program.commands].map((command) => {
    const name = command === program ? 'fsql' : `fsql ${command.name()}`;
    return `## ${name}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``;
  });
  return page(
    'Commands',
    'An option with `env:` behind it can also be given by that environment variable; the option wins. Exit codes: 0 all well, 1 the SQL, job or test failed, 2 wrong usage. Errors go to standard error as psql prints them.',
    sections,
  );
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (piece) => (text += piece), getOutHelpWidth: () => HELP_COLUMNS, getOutHasColors: () => false });
  command.outputHelp();
  return text.trimEnd();
}
