import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError, type Option } from 'commander';
import { nearestNames } from '../base/index.ts';
import { UsageError } from './print-error.ts';

/** One JSON object of options by their long names. */
const CONFIG_FILE = 'fsql.json';

/** They are about one call, not about where fsql runs. */
const NOT_ELSEWHERE: ReadonlySet<string> = new Set(['--help', '--version']);

/** Words by which a variable of an option without a value says no. */
const NO: ReadonlySet<string> = new Set(['', '0', 'false', 'off', 'no']);

/** A command whose options with long names have variables: FSQL_DATA_DIR for --data-dir. So have those of the commands below it. */
export class ConfigurableCommand extends Command {
  override addOption(option: Option): this {
    if (isElsewhere(option)) option.env(`FSQL_${nameOf(option).replaceAll('-', '_').toUpperCase()}`);
    return super.addOption(option);
  }

  override createCommand(name?: string): Command {
    return new ConfigurableCommand(name);
  }
}

export interface OptionSources {
  readonly environment: NodeJS.ProcessEnv;
  /** Where fsql.json may lie: the working directory. */
  readonly directory: string;
}

/**
 * Lets options come from their variables and from fsql.json, too (docs/reference/commands.md): what is on the command line wins over the variable, this over the file, and the
 * file over the default. Errors, as UsageError when a command is run: a file that is no JSON object, a name no command has, a value the option does not take.
 */
export function readOptionsElsewhere(program: Command, { environment, directory }: OptionSources): void {
  /** Turned off by their variables, which the file does not undo. */
  const refused = new Set(
    optionsElsewhere(program).filter((option) => isFlag(option) && NO.has((environment[option.envVar!] ?? 'on').toLowerCase())),
  );
  // A variable that is there would turn the option on, whatever it says.
  for (const { envVar } of refused) delete environment[envVar!];
  program.hook('preAction', (_, command) => {
    const file = readConfigFile(program, directory);
    for (const option of command.options) {
      const written = file[nameOf(option)];
      if (written !== undefined && isElsewhere(option) && !refused.has(option)) takeFromFile(command, option, written);
    }
  });
}

function optionsElsewhere(program: Command): Option[] {
  return commandsOf(program).flatMap((command) => command.options.filter(isElsewhere));
}

function commandsOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsOf)];
}

function isElsewhere(option: Option): boolean {
  return option.long != null && !NOT_ELSEWHERE.has(option.long);
}

function isFlag(option: Option): boolean {
  return !option.required && !option.optional;
}

/** As it is written behind the dashes. */
function nameOf(option: Option): string {
  return option.long?.slice(2) ?? '';
}

function readConfigFile(program: Command, directory: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(join(directory, CONFIG_FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new UsageError(`${CONFIG_FILE} cannot be read: ${(error as Error).message}`);
  }
  const file = objectOf(text);
  const names = new Set(optionsElsewhere(program).map(nameOf));
  for (const name of Object.keys(file)) {
    if (names.has(name)) continue;
    const [nearest] = nearestNames(name, names, 1);
    throw new UsageError(`${CONFIG_FILE}: there is no option "${name}"${nearest === undefined ? '' : `; did you mean "${nearest}"?`}`);
  }
  return file;
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${CONFIG_FILE} is no JSON: ${(error as Error).message}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw new UsageError(`${CONFIG_FILE} is to be one JSON object, as {"data-dir": "./.fsql", "port": 3775}`);
}

function takeFromFile(command: Command, option: Option, written: unknown): void {
  if (isGiven(command, option.attributeName()) || conflictsOf(command, option).some((other) => isGiven(command, other))) return;
  command.setOptionValueWithSource(option.attributeName(), takenValue(option, written), 'config');
}

/** Where the user has just said what excludes it, the file is not asked. */
function conflictsOf(command: Command, option: Option): readonly string[] {
  const name = option.attributeName();
  const others = command.options.filter((other) => excludedBy(other).includes(name)).map((other) => other.attributeName());
  return [...excludedBy(option), ...others];
}

/** What Option.conflicts() was given; the types leave the field out. */
function excludedBy(option: Option): readonly string[] {
  return (option as Option & { readonly conflictsWith: readonly string[] }).conflictsWith;
}

function isGiven(command: Command, attribute: string): boolean {
  const source = command.getOptionValueSource(attribute);
  return source === 'cli' || source === 'env';
}

function takenValue(option: Option, written: unknown): unknown {
  if (isFlag(option)) {
    if (typeof written !== 'boolean') throw wrongValue(option, 'it is true or false');
    return option.negate ? !written : written;
  }
  const values = Array.isArray(written) ? written : [written];
  if (!values.every((value) => typeof value === 'string' || typeof value === 'number')) throw wrongValue(option, 'it is a text or a number');
  const { parseArg } = option;
  if (parseArg === undefined) return String(values.at(-1));
  try {
    return values.reduce((before: unknown, value) => parseArg(String(value), before), option.defaultValue);
  } catch (error) {
    if (error instanceof CommanderError) throw wrongValue(option, error.message);
    throw error;
  }
}

function wrongValue(option: Option, why: string): UsageError {
  return new UsageError(`${CONFIG_FILE}: "${nameOf(option)}" cannot be that: ${why}`);
}
