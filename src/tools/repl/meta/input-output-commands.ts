import { CommandError, type MetaCommand, type MetaContext } from './meta-command.ts';
import { parseCopy } from './parse-copy.ts';

/** Words of `\echo` and its kin; `-n` leaves the line open. */
function echoed(words: readonly string[]): string {
  return words[0] === '-n' ? words.slice(1).join(' ') : `${words.join(' ')}\n`;
}

async function listVariables(context: MetaContext): Promise<void> {
  await context.print(
    context.variables
      .entries()
      .map(([name, value]) => `${name} = '${value}'\n`)
      .join(''),
  );
}

/** Files, text and variables. */
export const inputOutputCommands: readonly MetaCommand[] = [
  {
    names: ['i', 'include'],
    usage: '\\i FILE',
    description: 'run the commands of a file',
    run: async (context, call) => {
      if (call.words[0] === undefined) throw new CommandError('\\i: missing required argument');
      return context.runFile(call.words[0]);
    },
  },
  {
    names: ['o', 'out'],
    usage: '\\o [FILE]',
    description: 'send results to a file, or to the terminal again',
    run: async (context, call) => {
      await context.setOutput(call.words[0] ?? null);
      return 'ok';
    },
  },
  {
    names: ['copy'],
    usage: '\\copy ...',
    description: "COPY with a file of this machine: TABLE FROM 'file', TABLE or (query) TO 'file'",
    run: (context, call) => {
      const copy = parseCopy(call.text);
      return context.execute(copy.sql, copy.ends);
    },
  },
  {
    names: ['echo', 'qecho'],
    usage: '\\echo [-n] [TEXT]',
    description: 'write text to the output',
    run: async (context, call) => {
      await context.print(echoed(call.words));
      return 'ok';
    },
  },
  {
    names: ['warn'],
    usage: '\\warn [-n] [TEXT]',
    description: 'write text to standard error',
    run: async (context, call) => {
      await context.printError(echoed(call.words));
      return 'ok';
    },
  },
  {
    names: ['set'],
    usage: '\\set [NAME [VALUE]]',
    description: 'set a variable (used as :NAME, :\'NAME\', :"NAME"), or list all',
    run: async (context, call) => {
      const [name, ...values] = call.words;
      if (name === undefined) await listVariables(context);
      else if (!context.variables.set(name, values.join(''))) throw new CommandError(`invalid variable name: "${name}"`);
      return 'ok';
    },
  },
  {
    names: ['unset'],
    usage: '\\unset NAME',
    description: 'forget a variable',
    run: async (context, call) => {
      if (call.words[0] === undefined) throw new CommandError('\\unset: missing required argument');
      context.variables.unset(call.words[0]);
      return 'ok';
    },
  },
];
