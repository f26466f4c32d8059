import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runTerminal } from './index.ts';
import { openTestServer, type TestServer, terminalDefaults } from './testing/index.ts';

let server: TestServer;
let directory: string;

beforeAll(async () => {
  server = await openTestServer();
  directory = await mkdtemp(join(tmpdir(), 'fsql-interactive-'));
});

afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

const CTRL_C = '\x03';
const CTRL_D = '\x04';

/** A person at a keyboard: types, and waits until something is on the screen behind what was seen last. */
class Person {
  readonly #input = new PassThrough();
  readonly #output = new PassThrough();
  readonly code: Promise<number>;
  #screen = '';
  #seen = 0;

  constructor() {
    this.#output.setEncoding('utf8').on('data', (text: string) => {
      this.#screen += plain(text);
    });
    const streams = { input: this.#input, output: this.#output, errors: this.#output };
    const historyFile = join(directory, 'history');
    this.code = runTerminal({ ...terminalDefaults(server), ...streams, interactive: true, banner: 'welcome', historyFile });
  }

  type(text: string): void {
    this.#input.write(text);
  }

  async sees(text: string): Promise<string> {
    for (let round = 0; round < 500; round++) {
      const at = this.#screen.indexOf(text, this.#seen);
      if (at >= 0) {
        const before = this.#screen.slice(this.#seen, at + text.length);
        this.#seen = at + text.length;
        return before;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`"${text}" did not come; on the screen: ${JSON.stringify(this.#screen.slice(this.#seen))}`);
  }
}

/** Without the codes that move the cursor. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the codes a terminal is driven with.
  return text.replaceAll(/\x1b\[[0-9;]*[A-Za-z]/g, '').replaceAll('\r', '');
}

it('takes statements of several lines and shows where it is in the prompt', async () => {
  const person = new Person();
  await person.sees('welcome');
  await person.sees('fsql=> ');
  person.type('SELECT 1 AS one,\n');
  await person.sees('fsql-> ');
  person.type("  'a\n");
  await person.sees("fsql'> ");
  person.type("b' AS two;\n");
  expect(await person.sees('(1 row)')).toContain(' one | two \n-----+-----\n   1 | a  +\n     | b\n');
  await person.sees('fsql=> ');
  person.type('BEGIN;\n');
  await person.sees('fsql=*> ');
  person.type('SELECT nothing;\n');
  await person.sees('ERROR:  column "nothing" does not exist');
  await person.sees('fsql=!> ');
  person.type('ROLLBACK;\n');
  await person.sees('fsql=> ');
  person.type(CTRL_D);
  expect(await person.code).toBe(0);
});

it('drops the line at Ctrl-C, stops a statement that runs, and goes on', async () => {
  const person = new Person();
  await person.sees('fsql=> ');
  person.type('CREATE TABLE live (a int); INSERT INTO live VALUES (1);\n');
  await person.sees('INSERT 0 1');
  await person.sees('fsql=> ');
  person.type('SELECT half,\n');
  await person.sees('fsql-> ');
  person.type(`of a thought${CTRL_C}`);
  await person.sees('^C');
  await person.sees('fsql=> ');
  person.type('SUBSCRIBE live WITH (SNAPSHOT);\n');
  await person.sees('---+');
  await person.sees('\n');
  person.type(CTRL_C);
  await person.sees('ERROR:  canceling statement due to user request');
  await person.sees('fsql=> ');
  person.type("SELECT 'alive' AS still;\n");
  await person.sees('(1 row)');
  person.type('\\q\n');
  expect(await person.code).toBe(0);
});

it('completes keywords, names and commands', async () => {
  const person = new Person();
  await person.sees('fsql=> ');
  person.type('CREATE TABLE zebra_table (stripe_count int);\n');
  await person.sees('CREATE TABLE\n');
  await person.sees('fsql=> ');
  person.type('SELECT * FROM zeb\t');
  await person.sees('zebra_table');
  person.type(' WHERE stripe_c\t');
  await person.sees('stripe_count');
  // Ctrl-U empties the line.
  person.type('\x15MATERIALI\t');
  await person.sees('MATERIALIZED');
  person.type('\x15\\conni\t');
  await person.sees('\\conninfo');
  person.type('\n');
  await person.sees('You are connected to the test server');
  person.type(CTRL_D);
  expect(await person.code).toBe(0);
});

it('keeps the history of all sessions in a file', async () => {
  const person = new Person();
  await person.sees('fsql=> ');
  person.type("SELECT 'remember me';\n");
  await person.sees('(1 row)');
  person.type('\\q\n');
  await person.code;
  const lines = (await readFile(join(directory, 'history'), 'utf8')).split('\n');
  expect(lines).toContain("SELECT 'remember me';");
  const later = new Person();
  await later.sees('fsql=> ');
  later.type('\x1b[A\x1b[A');
  await later.sees("SELECT 'remember me';");
  later.type(`${CTRL_C}\\q\n`);
  expect(await later.code).toBe(0);
});
