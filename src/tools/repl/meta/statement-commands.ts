import { type CommandCall, CommandError, type CommandOutcome, type MetaCommand, type MetaContext } from './meta-command.ts';

const WATCH_SECONDS = 2;

/** The unfinished statement, or the last one again. */
function statementFor(context: MetaContext, call: CommandCall): string {
  const { text } = call.scanner.takeBuffer();
  return text === '' ? context.lastStatement : text;
}

async function run(context: MetaContext, call: CommandCall): Promise<CommandOutcome> {
  const sql = statementFor(context, call);
  if (sql === '') return 'ok';
  const file = call.words[0];
  if (file !== undefined) await context.setOutput(file);
  try {
    return await context.execute(sql);
  } finally {
    if (file !== undefined) await context.setOutput(null);
  }
}

async function runExpanded(context: MetaContext, call: CommandCall): Promise<CommandOutcome> {
  const before = context.settings.expanded;
  context.settings.expanded = true;
  try {
    return await run(context, call);
  } finally {
    context.settings.expanded = before;
  }
}

/** Runs the statement again and again until Ctrl-C or an error. */
async function watch(context: MetaContext, call: CommandCall): Promise<CommandOutcome> {
  const sql = statementFor(context, call);
  if (sql === '') throw new CommandError('\\watch cannot be used with an empty query');
  const seconds = call.words[0] === undefined ? WATCH_SECONDS : Number(call.words[0].replace(/^(?:i|interval)=/, ''));
  if (!(seconds >= 0)) throw new CommandError(`\\watch: incorrect interval value "${call.words[0]}"`);
  const count = Number(call.words.find((word) => /^c(?:ount)?=\d+$/.test(word))?.split('=')[1] ?? Number.POSITIVE_INFINITY);
  for (let round = 1; round <= count; round++) {
    const now = new Date(Number(context.clock.nowMicros() / 1000n));
    await context.print(`${now.toString().replace(/ GMT.*/, '')} (every ${seconds}s)\n\n`);
    const outcome = await context.execute(sql);
    if (outcome !== 'ok') return outcome;
    if (round < count && !(await context.sleep(seconds))) break;
  }
  return 'ok';
}

/** What to do with the statement at hand. */
export const statementCommands: readonly MetaCommand[] = [
  { names: ['g'], usage: '\\g [FILE]', description: 'run the statement (results to a file)', run },
  { names: ['gx'], usage: '\\gx [FILE]', description: 'run the statement, expanded display', run: runExpanded },
  { names: ['watch'], usage: '\\watch [SECONDS]', description: 'run the statement again and again until Ctrl-C', run: watch },
  {
    names: ['p', 'print'],
    usage: '\\p',
    description: 'show the statement being typed',
    run: async (context, call) => {
      const text = call.scanner.buffer === '' ? context.lastStatement : call.scanner.buffer;
      await context.print(text === '' ? 'Query buffer is empty.\n' : `${text}\n`);
      return 'ok';
    },
  },
  {
    names: ['r', 'reset'],
    usage: '\\r',
    description: 'clear the statement being typed',
    run: async (context, call) => {
      call.scanner.reset();
      if (!context.settings.quiet) await context.print('Query buffer reset (cleared).\n');
      return 'ok';
    },
  },
];
