import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// The one commander reads: the global one of a test is another.
import { env } from 'node:process';
import { CommanderError, Option } from 'commander';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigurableCommand, readOptionsElsewhere } from './option-sources.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fsql-options-'));
});

afterEach(() => {
  for (const variable of ['FSQL_PORT', 'FSQL_MEMORY']) delete env[variable];
  rmSync(directory, { recursive: true });
});

function number(text: string): number {
  if (!/^\d+$/.test(text)) throw new CommanderError(2, 'commander.invalidArgument', `"${text}" is not a whole number`);
  return Number(text);
}

/** What the command `go` gets of a command line, with a file of this text. */
async function optionsOf(argv: readonly string[], file: unknown = undefined): Promise<object> {
  if (file !== undefined) writeFileSync(join(directory, 'fsql.json'), typeof file === 'string' ? file : JSON.stringify(file));
  const program = new ConfigurableCommand('fsql').exitOverride().configureOutput({ writeErr: () => undefined });
  let got: object = {};
  program
    .command('go')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .option('--port <n>', 'a port', number, 1)
    .option('--data-dir <dir>', 'a directory')
    .addOption(new Option('--memory', 'none').conflicts('dataDir'))
    .option('-A, --no-align', 'unaligned')
    .option('--real <name>', 'may be repeated', (value, before: readonly string[]) => [...before, value], [])
    .action((options: object) => {
      got = options;
    });
  program.command('other').option('--slots <n>', 'slots', number);
  readOptionsElsewhere(program, { environment: env, directory });
  await program.parseAsync(['go', ...argv], { from: 'user' });
  return got;
}

test('the command line wins over the variable, this over the file, and the file over the default', async () => {
  expect(await optionsOf([])).toMatchObject({ port: 1 });
  expect(await optionsOf([], { port: 2 })).toMatchObject({ port: 2 });
  env.FSQL_PORT = '3';
  expect(await optionsOf([], { port: 2 })).toMatchObject({ port: 3 });
  expect(await optionsOf(['--port', '4'], { port: 2 })).toMatchObject({ port: 4 });
});

test('options without a value are true or false in the file; a variable turns them off by saying so', async () => {
  expect(await optionsOf([], { memory: true, 'no-align': true })).toMatchObject({ memory: true, align: false });
  expect(await optionsOf([], { memory: false, 'no-align': false })).toMatchObject({ align: true });
  env.FSQL_MEMORY = 'off';
  expect(await optionsOf([], { memory: true })).not.toHaveProperty('memory', true);
  env.FSQL_MEMORY = '1';
  expect(await optionsOf([], { memory: false })).toMatchObject({ memory: true });
});

test('what may be repeated is a list in the file', async () => {
  expect(await optionsOf([], { real: ['a', 'b'] })).toMatchObject({ real: ['a', 'b'] });
  expect(await optionsOf(['--real', 'c'], { real: ['a', 'b'] })).toMatchObject({ real: ['c'] });
});

test('the file is not asked for what the command line excludes', async () => {
  const inMemory = await optionsOf(['--memory'], { 'data-dir': './x' });
  expect(inMemory).toMatchObject({ memory: true });
  expect(inMemory).not.toHaveProperty('dataDir');
  const onDisk = await optionsOf(['--data-dir', 'y'], { memory: true });
  expect(onDisk).toMatchObject({ dataDir: 'y' });
  expect(onDisk).not.toHaveProperty('memory');
});

test('the file is for all commands, and names what it cannot be', async () => {
  expect(await optionsOf([], { slots: 3 })).not.toHaveProperty('slots');
  await expect(optionsOf([], { prot: 3 })).rejects.toThrow('fsql.json: there is no option "prot"; did you mean "port"?');
  await expect(optionsOf([], { help: true })).rejects.toThrow('there is no option "help"');
  await expect(optionsOf([], { port: 'x' })).rejects.toThrow('fsql.json: "port" cannot be that: "x" is not a whole number');
  await expect(optionsOf([], { port: null })).rejects.toThrow('"port" cannot be that: it is a text or a number');
  await expect(optionsOf([], { memory: 'yes' })).rejects.toThrow('"memory" cannot be that: it is true or false');
  await expect(optionsOf([], '[1]')).rejects.toThrow('fsql.json is to be one JSON object');
  await expect(optionsOf([], '{"port": 1,}')).rejects.toThrow('fsql.json is no JSON');
});
