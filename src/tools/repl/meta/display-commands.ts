import type { DisplaySettings } from '../terminal/display-settings.ts';
import { type CommandCall, CommandError, type CommandOutcome, type MetaCommand, type MetaContext } from './meta-command.ts';

/** Settings that are on or off, with the words that tell of them. */
const switches = {
  expanded: { on: 'Expanded display is on.', off: 'Expanded display is off.' },
  tuplesOnly: { on: 'Tuples only is on.', off: 'Tuples only is off.' },
  timing: { on: 'Timing is on.', off: 'Timing is off.' },
} as const;

type SwitchName = keyof typeof switches;

function toggle(name: SwitchName) {
  return async (context: MetaContext, call: CommandCall): Promise<CommandOutcome> => {
    await setSwitch(context, name, call);
    return 'ok';
  };
}

async function setSwitch(context: MetaContext, name: SwitchName, { name: command, words }: Pick<CommandCall, 'name' | 'words'>): Promise<void> {
  const { settings } = context;
  settings[name] = words[0] === undefined ? !settings[name] : readSwitch(command, words[0]);
  await tell(context, settings[name] ? switches[name].on : switches[name].off);
}

function readSwitch(command: string, word: string): boolean {
  if (/^(?:on|true|yes|1|auto)$/i.test(word)) return true;
  if (/^(?:off|false|no|0)$/i.test(word)) return false;
  throw new CommandError(`unrecognized value "${word}" for "\\${command}": Boolean expected`);
}

async function tell(context: MetaContext, message: string): Promise<void> {
  if (!context.settings.quiet) await context.print(`${message}\n`);
}

const formats: readonly DisplaySettings['format'][] = ['aligned', 'unaligned', 'csv', 'json'];

async function setFormat(context: MetaContext, word: string | undefined): Promise<void> {
  const found = formats.find((format) => word !== undefined && format.startsWith(word));
  if (word !== undefined && found === undefined) throw new CommandError(`\\pset: allowed formats are ${[...formats].sort().join(', ')}`);
  if (found !== undefined) context.settings.format = found;
  await tell(context, `Output format is ${context.settings.format}.`);
}

async function setNullText(context: MetaContext, word: string | undefined): Promise<void> {
  if (word !== undefined) context.settings.nullText = word;
  await tell(context, `Null display is "${context.settings.nullText}".`);
}

/** What `\pset` can set. */
const printOptions: Readonly<Record<string, (context: MetaContext, word: string | undefined) => Promise<void>>> = {
  format: setFormat,
  null: setNullText,
  expanded: (context, word) => setSwitch(context, 'expanded', { name: 'pset expanded', words: word === undefined ? [] : [word] }),
  tuples_only: (context, word) => setSwitch(context, 'tuplesOnly', { name: 'pset tuples_only', words: word === undefined ? [] : [word] }),
};

async function setPrintOption(context: MetaContext, call: CommandCall): Promise<CommandOutcome> {
  const [name, value] = call.words;
  if (name === undefined) {
    const { format, expanded, tuplesOnly, nullText } = context.settings;
    const lines = [
      ['expanded', expanded ? 'on' : 'off'],
      ['format', format],
      ['null', `'${nullText}'`],
      ['tuples_only', tuplesOnly ? 'on' : 'off'],
    ];
    await context.print(lines.map(([option, text]) => `${option!.padEnd(24)} ${text}\n`).join(''));
    return 'ok';
  }
  const option = Object.hasOwn(printOptions, name) ? printOptions[name] : undefined;
  if (option === undefined) throw new CommandError(`\\pset: unknown option: ${name}`);
  await option(context, value);
  return 'ok';
}

/** How results look. */
export const displayCommands: readonly MetaCommand[] = [
  { names: ['x'], usage: '\\x [on|off]', description: 'expanded display, a column a line', run: toggle('expanded') },
  { names: ['t'], usage: '\\t [on|off]', description: 'rows only, without names and counts', run: toggle('tuplesOnly') },
  {
    names: ['a'],
    usage: '\\a',
    description: 'switch between aligned and unaligned output',
    run: async (context) => {
      await setFormat(context, context.settings.format === 'aligned' ? 'unaligned' : 'aligned');
      return 'ok';
    },
  },
  { names: ['pset'], usage: '\\pset [NAME [VALUE]]', description: 'set format, null, expanded or tuples_only', run: setPrintOption },
  { names: ['timing'], usage: '\\timing [on|off]', description: 'show how long each statement takes', run: toggle('timing') },
];
