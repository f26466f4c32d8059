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
    'Every option with a long name can also be given by the environment variable behind it (for one without a value, `off`, `0` or `no` is no), or in `fsql.json` in the working directory, one JSON object as `{"data-dir": "./.fsql", "port": 3775, "memory": false}`. The command line wins over the variable, the variable over the file. Exit codes: 0 all well, 1 the SQL, job or test failed, 2 wrong usage. Errors go to standard error as psql prints them.',
    sections,
  );
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (piece) => (text += piece), getOutHelpWidth: () => HELP_COLUMNS, getOutHasColors: () => false });
  command.outputHelp();
  return text.trimEnd();
}
