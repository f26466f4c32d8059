import type { MetaCommand, MetaContext } from './meta-command.ts';

/** The terminal itself. Help is made from the commands it is given. */
export function sessionCommands(all: () => readonly MetaCommand[]): readonly MetaCommand[] {
  return [
    { names: ['q', 'quit'], usage: '\\q', description: 'quit (Ctrl-D too)', run: async () => 'quit' },
    {
      names: ['?', 'help'],
      usage: '\\?',
      description: 'show this help',
      run: async (context) => {
        await context.print(help(all()));
        return 'ok';
      },
    },
    {
      names: ['conninfo'],
      usage: '\\conninfo',
      description: 'show what this terminal is connected to',
      run: async (context) => {
        await context.print(`${connectionText(context)}\n`);
        return 'ok';
      },
    },
    {
      names: ['s'],
      usage: '\\s',
      description: 'show the history',
      run: async (context) => {
        await context.print(`${context.history().join('\n')}\n`);
        return 'ok';
      },
    },
  ];
}

function connectionText(context: MetaContext): string {
  const version = context.connection.parameters.get('fsql_version');
  return `You are connected to ${context.server}${version === undefined ? '' : `, fsql ${version}`}, session ${context.connection.processId}.`;
}

const USAGE_WIDTH = 26;

function help(commands: readonly MetaCommand[]): string {
  const lines = commands.map(({ usage, description }) => `  ${usage.padEnd(USAGE_WIDTH)} ${description}`);
  return `Statements end with a semicolon and may take several lines. Ctrl-C stops what runs or clears what is typed.\n\n${lines.join('\n')}\n`;
}
