import { writeSync } from 'node:fs';
import { type Command, CommanderError, Option } from 'commander';
import type { TerminalAction } from '../tools/repl/index.ts';
import type { BenchOptions } from './commands/bench.ts';
import type { CheckOptions } from './commands/check.ts';
import type { DemoOptions } from './commands/demo.ts';
import type { ReplOptions } from './commands/repl.ts';
import type { RunOptions } from './commands/run.ts';
import type { DetachedOptions } from './commands/run-detached.ts';
import type { CreateSavepointOptions } from './commands/savepoint.ts';
import type { ServeCommandOptions } from './commands/serve.ts';
import type { TaskManagerOptions } from './commands/taskmanager.ts';
import type { TestOptions } from './commands/test.ts';
import type { Open } from './embedded/api.ts';
import { ConfigurableCommand, readOptionsElsewhere } from './option-sources.ts';

/** Version of the package, one line for `fsql --version`. */
const VERSION = '0.1.0';

/** Exit codes (docs/reference/commands.md): the SQL, job or test failed; wrong usage. */
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const STANDARD_ERROR = 2;

/** As a shell shows a program that SIGPIPE has ended. */
const EXIT_READER_GONE = 141;
/** They serve others, whether anybody reads what they print or not. */
const SERVERS: readonly (string | undefined)[] = ['serve', 'jobmanager', 'taskmanager'];

const DEFAULT_TASKS_ADDRESS = '127.0.0.1:3777';

const DEFAULT_LEASE_MS = 3_000;
const LEASE_MS_MIN = 1_500;
/** A supervisor has started a TaskManager again by then. */
const STABILIZATION_MS = 2_000;
/** Flink's. */
const RESCALE_COOLDOWN_MS = 30_000;

/**
 * The command line: names, options and help of every command; what a command does is in ./commands, imported when it runs. Options also come
 * from FSQL_… variables and fsql.json (option, environment, file, default).
 */
export async function main(argv: readonly string[]): Promise<void> {
  const program = createProgram();
  readOptionsElsewhere(program, { environment: process.env, directory: process.cwd() });
  process.once('exit', endedTooSoon);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', (error) => readerGone(error, SERVERS.includes(argv[0])));
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
    else await fail(error);
  }
  process.off('exit', endedTooSoon);
}

/** `fsql … | head`: who has read enough has closed the pipe. */
function readerGone(error: NodeJS.ErrnoException, goesOn: boolean): void {
  if (error.code !== 'EPIPE') throw error;
  if (!goesOn) process.exit(EXIT_READER_GONE);
}

/** Node ends with success when nothing is left that could settle what is waited for, as a change of a table that nobody can write to. */
function endedTooSoon(code: number): void {
  if (code !== 0) return;
  process.exitCode = EXIT_FAILED;
  writeSync(STANDARD_ERROR, 'fsql: ended while waiting for something that cannot come\n');
}

/** What the package exports: fsql as a library. */
export const open: Open = async (options) => (await import('./embedded/open.ts')).open(options);

/** What a worker of `fsql test` runs. */
export async function serveTests(): Promise<void> {
  const { serveTestFiles } = await import('./test-runners.ts');
  serveTestFiles();
}

async function fail(error: unknown): Promise<void> {
  const { printError } = await import('./print-error.ts');
  printError(error);
  const usage = error instanceof Error && error.name === 'UsageError';
  process.exitCode = usage ? EXIT_USAGE : EXIT_FAILED;
}

/** The commands with their options and help; nothing runs yet. */
export function createProgram(): Command {
  const program = new ConfigurableCommand('fsql');
  program
    .description('The streaming database you can test: Kafka in, SQL, consistent views over the PostgreSQL protocol, Kafka out.')
    .version(`fsql ${VERSION}`, '--version', 'print the version')
    .helpOption('--help', 'show help')
    .exitOverride()
    .showHelpAfterError('Try fsql --help.')
    .enablePositionalOptions()
    .addHelpText(
      'after',
      '\nExamples:\n  fsql -c "select 1"\n  fsql serve --data-dir ./.fsql\n  psql -h 127.0.0.1 -p 3775 -U fsql\n  fsql test sql-tests/',
    );
  addRepl(program);
  addServe(program);
  addJobManager(program);
  addTaskManager(program);
  addRun(program);
  addTest(program);
  addCheck(program);
  addImport(program);
  addExplain(program);
  addSavepoint(program);
  addBench(program);
  addDemo(program);
  return program;
}

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];

const dataDirOption = (): Option => new Option('--data-dir <dir>', 'where state and catalog are kept').default('./.fsql');
const memoryOption = (): Option => new Option('--memory', 'keep everything in memory');
const stateMemoryOption = (): Option =>
  new Option(
    '--state-memory-mb <n>',
    'memory a slot has for state; views and what operators keep by key spill what is more to disk (default: 1024)',
  ).argParser(positiveInteger);
const checkpointIntervalOption = (): Option =>
  new Option('--checkpoint-interval-ms <n>', 'from one checkpoint to the next; 0: only those somebody asks for (default: 10000)').argParser(
    positiveInteger,
  );
const savepointOption = (): Option => new Option('--from-savepoint <dir>', 'begin a new data directory with what this savepoint holds');
const droppedStateOption = (): Option =>
  new Option('--allow-dropped-state', 'build anew what has state that no operator of its plan goes on with, instead of refusing to start');
const slotsOption = (): Option => new Option('--slots <n>', 'slots, each a worker thread (default: cores)').argParser(positiveInteger);

function collected(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new CommanderError(EXIT_USAGE, 'commander.invalidArgument', `"${text}" is not a whole number`);
}

/** Shorter ones would end with a server's first pause. */
function leaseTimeout(text: string): number {
  const value = positiveInteger(text);
  if (value >= LEASE_MS_MIN) return value;
  throw new CommanderError(EXIT_USAGE, 'commander.invalidArgument', `--lease-timeout-ms is at least ${LEASE_MS_MIN}, not ${text}`);
}

/** psql's letters keep psql's meaning. */
function addRepl(program: Command): void {
  /** In the order of the command line, whichever option they come from. */
  const actions: TerminalAction[] = [];
  program
    .option('-c <sql>', 'run the statements and exit (may be repeated)', (text) => actions.push({ kind: 'sql', text }))
    .option('-f <file>', 'run the file and exit (- is standard input; may be repeated)', (path) => actions.push({ kind: 'file', path }))
    .addOption(new Option('-h, --host <host>', 'connect to a running server'))
    .addOption(new Option('-p, --port <port>', 'its port').argParser(positiveInteger))
    .option('-U, --user <name>', 'user', 'fsql')
    .option('-d, --dbname <name>', 'database', 'fsql')
    .addOption(new Option('--data-dir <dir>', 'use this data directory'))
    .option('--memory', 'keep everything in memory (default without --data-dir)')
    .option('-v, --variable <assignment>', 'set a variable, name=value', collect, [])
    .option('-A, --no-align', 'unaligned output')
    .option('-t, --tuples-only', 'rows only')
    .option('-x, --expanded', 'expanded output')
    .option('--csv', 'CSV output')
    .option('--json', 'JSON output, one object a row')
    .option('-1, --single-transaction', 'one transaction for all statements')
    .option('-q, --quiet', 'no greeting, no notices of success')
    .option('-E, --echo-hidden', 'show the queries behind backslash commands')
    .action(async (options: Omit<ReplOptions, 'actions' | 'version'>, command: Command) => {
      const { runRepl } = await import('./commands/repl.ts');
      // A port alone means this machine, but only where it was asked for: FSQL_PORT is for servers, too.
      const local = options.host === undefined && command.getOptionValueSource('port') === 'cli' ? { host: '127.0.0.1' } : {};
      process.exitCode = await runRepl({ ...options, ...local, actions, version: VERSION });
    });
}

/** What all processes of a cluster have to agree about. */
function withClusterOptions(command: Command): Command {
  return command
    .addOption(new Option('--cluster <name>', 'name of the cluster, the same for all of its processes').default('fsql'))
    .addOption(new Option('--secret-file <file>', 'secret that all processes of the cluster know'))
    .addOption(new Option('--tls-cert <file>', 'certificate of this process for connections with others of the cluster (PEM)'))
    .addOption(new Option('--tls-key <file>', 'its private key'))
    .addOption(new Option('--tls-ca <file>', 'authority that has signed the certificates of all of them'));
}

function addServe(program: Command): void {
  const serve = program
    .command('serve')
    .description('run a server: PostgreSQL protocol, HTTP, JobManager and slots')
    .addHelpText(
      'after',
      '\nExamples:\n  fsql serve --data-dir /var/lib/fsql --slots 4\n  fsql serve --jobmanager 127.0.0.1:3777,127.0.0.1:3787 --port 3795 --http-port 3796\n  fsql serve --test-clock --port 0',
    );
  withServerOptions(serve)
    .addOption(slotsOption())
    .addOption(
      new Option(
        '--test-clock',
        'for tests: in memory, time stands still from 2024-01-01 until ADVANCE CLOCK, and other systems are topics in memory',
      )
        .implies({ memory: true })
        .conflicts(['dataDir', 'fromSavepoint', 'standby', 'listenTasks', 'reactive', 'jobmanager']),
    )
    .addOption(new Option('--real <names>', 'with --test-clock: connectors and topics that are left alone, commas between'))
    .addOption(new Option('--listen-tasks <host:port>', 'where TaskManagers of other processes register (default: nowhere)'))
    .addOption(
      new Option(
        '--jobmanager <list>',
        'only take clients to the JobManager that leads; where it and its standbys listen for TaskManagers',
      ).conflicts([
        'listenTasks',
        'standby',
        'memory',
        'slots',
        'parallelism',
        'reactive',
        'pinnedMemoryMb',
        'stateMemoryMb',
        'checkpointIntervalMs',
        'fromSavepoint',
        'allowDroppedState',
      ]),
    );
}

/** A server without slots of its own. */
function addJobManager(program: Command): void {
  const jobManager = program
    .command('jobmanager')
    .description('run a server whose slots are those of TaskManagers: PostgreSQL protocol, HTTP and JobManager')
    .addHelpText(
      'after',
      '\nExamples:\n  fsql jobmanager --data-dir /var/lib/fsql --parallelism 4 --secret-file secret\n  fsql jobmanager --standby --data-dir /var/lib/fsql --parallelism 4 --port 3785 --http-port 3786 --listen-tasks 127.0.0.1:3787',
    );
  withServerOptions(jobManager)
    .addOption(new Option('--slots <n>', 'slots of this process').default(0).argParser(positiveInteger))
    .addOption(new Option('--listen-tasks <host:port>', 'where TaskManagers register').default(DEFAULT_TASKS_ADDRESS));
}

function addTaskManager(program: Command): void {
  const taskManager = program
    .command('taskmanager')
    .description('run slots for a JobManager of another process')
    .helpOption('--help', 'show help')
    .addOption(new Option('--jobmanager <list>', 'where it and its standbys listen, host:port with commas between').default(DEFAULT_TASKS_ADDRESS))
    .addOption(slotsOption())
    .addOption(new Option('--listen <host:port>', 'where other TaskManagers send rows, 0 = any port').default('127.0.0.1:0'))
    .addHelpText(
      'after',
      '\nExamples:\n  fsql taskmanager --slots 2 --jobmanager 127.0.0.1:3777 --secret-file secret\n  fsql taskmanager --slots 2 --jobmanager 127.0.0.1:3777,127.0.0.1:3787',
    );
  withClusterOptions(taskManager).action(async (options: TaskManagerOptions) => {
    const { runTaskManager } = await import('./commands/taskmanager.ts');
    await runTaskManager({ ...options, version: VERSION });
  });
}

/** Everything about a server but its slots. */
function withServerOptions(command: Command): Command {
  command
    .helpOption('--help', 'show help')
    .addOption(dataDirOption())
    .addOption(memoryOption())
    .addOption(savepointOption())
    .addOption(droppedStateOption())
    .addOption(new Option('--host <host>', 'address to listen on').default('127.0.0.1'))
    .addOption(new Option('--port <port>', 'PostgreSQL port, 0 = any').default(3775).argParser(positiveInteger))
    .addOption(new Option('--http-port <port>', 'HTTP port, 0 = any').default(3776).argParser(positiveInteger))
    .addOption(stateMemoryOption())
    .addOption(checkpointIntervalOption())
    .addOption(new Option('--pinned-memory-mb <n>', 'memory a slot keeps for reads of older epochs (default: 256)').argParser(positiveInteger))
    .addOption(new Option('--parallelism <n>', 'subtasks a job is planned for (default: the slots of this process)').argParser(positiveInteger))
    .addOption(new Option('--reactive', 'jobs run as wide as the slots of the TaskManagers that are there allow, up to --parallelism'))
    .addOption(
      new Option('--stabilization-ms <n>', 'with --reactive: time without a TaskManager that comes or goes before jobs are rescaled')
        .default(STABILIZATION_MS)
        .argParser(positiveInteger),
    )
    .addOption(
      new Option('--rescale-cooldown-ms <n>', 'with --reactive: time from one rescaling to the next that no job waits for')
        .default(RESCALE_COOLDOWN_MS)
        .argParser(positiveInteger),
    )
    .addOption(
      new Option('--heartbeat-timeout-ms <n>', 'a TaskManager that is silent for so long counts as lost').default(10_000).argParser(positiveInteger),
    )
    .addOption(new Option('--standby', 'wait while another server has the data directory, and take over when it is gone'))
    .addOption(
      new Option('--lease-timeout-ms <n>', 'a standby takes over from a server that is silent for so long')
        .default(DEFAULT_LEASE_MS)
        .argParser(leaseTimeout),
    )
    .action(async (options: ServeCommandOptions) => {
      const { runServe } = await import('./commands/serve.ts');
      await runServe({ ...options, version: VERSION });
    });
  return withClusterOptions(command);
}

function addRun(program: Command): void {
  program
    .command('run <file>')
    .description('run a file of statements and wait until its bounded jobs are finished')
    .helpOption('--help', 'show help')
    .option('--json', 'one JSON object a job on standard output')
    .addOption(
      new Option('--detach', 'run the statements on a server, print the names of the jobs they start, and wait for none').conflicts([
        'dataDir',
        'memory',
        'slots',
        'stateMemoryMb',
        'checkpointIntervalMs',
        'fromSavepoint',
        'allowDroppedState',
        'untilIdle',
      ]),
    )
    .option('--until-idle <time>', 'end jobs over unbounded inputs, too, when none has had a row for so long, as 5s')
    .addOption(new Option('-h, --host <host>', 'with --detach: the server (default: 127.0.0.1)'))
    .addOption(new Option('-p, --port <port>', 'with --detach: its port (default: 3775)').argParser(positiveInteger))
    .addOption(new Option('--data-dir <dir>', 'keep state here (default: in memory)'))
    .addOption(memoryOption())
    .addOption(savepointOption())
    .addOption(droppedStateOption())
    .addOption(slotsOption())
    .addOption(stateMemoryOption())
    .addOption(checkpointIntervalOption())
    .addHelpText('after', '\nExamples:\n  fsql run job.sql --slots 2 --json\n  fsql run job.sql --until-idle 5s\n  fsql run job.sql --detach -p 3775')
    .action(async (file: string, written: RunOptions & DetachedOptions & { readonly detach?: boolean }, command: Command) => {
      const { detach, host, port, ...options } = written;
      if (detach) {
        const { runDetached } = await import('./commands/run-detached.ts');
        const server = { ...(host !== undefined && { host }), ...(port !== undefined && { port }) };
        process.exitCode = await runDetached(file, { ...server, json: options.json ?? false, version: VERSION });
        return;
      }
      if (['host', 'port'].some((name) => command.getOptionValueSource(name) === 'cli')) await refuseServer();
      const { runFile } = await import('./commands/run.ts');
      process.exitCode = await runFile(file, options);
    });
}

async function refuseServer(): Promise<never> {
  const { UsageError } = await import('./print-error.ts');
  throw new UsageError('a server is for --detach; without it the file runs in this process, and its jobs are waited for');
}

function addTest(program: Command): void {
  program
    .command('test <paths...>')
    .description('run SQL tests: virtual clock, in-memory topics, deterministic')
    .helpOption('--help', 'show help')
    .option('--filter <text>', 'only files whose path contains the text')
    .option(
      '--config <name>',
      'configuration: compiled, interpreted, batch-size-3, parallelism-4, crash-restore-rescale, savepoint-restore-rescale, print-and-reparse, spilled',
      'compiled',
    )
    .option('--seed <n>', 'seed of the scheduler', positiveInteger, 1)
    .option('--shuffle-seed <n>', 'run the files in an order made from this seed', positiveInteger)
    .option('--shard <i/n>', 'only the i-th of n parts of the files, or with I-J/N some of them, for machines that share a run')
    .option('--jobs <n>', 'files that run at the same time (default: the cores, fewer for few files)', positiveInteger)
    .option('--timeout <seconds>', 'how long one statement or directive may take before it has failed (default: 120)', positiveInteger)
    .option('--rewrite', 'write what came out as what is expected (.slt files)')
    .option('--watch', 'go on, and run what changes or includes what changes, until interrupted')
    .option('--coverage', 'show which views, windows and branches of CASE no test reached')
    .option('--real <name>', 'leave this connector or topic alone instead of binding it to memory; may be repeated', collected, [])
    .option('--junit <file>', 'JUnit XML report')
    .option('--report <file>', 'counts as JSON')
    .option('--json', 'one JSON object a file on standard output')
    .addHelpText(
      'after',
      `
A path is a .slt or .sql file, or a folder: all .slt files in it and the .sql files that assert something.
Exit code: 0 all passed, 1 a test failed, 2 the run itself is wrong.

Examples:
  fsql test sql-tests/ --junit report.xml
  fsql test tests/orders.sql --coverage
  fsql test tests/ --watch`,
    )
    .action(async (paths: readonly string[], options: TestOptions) => {
      const { runTests } = await import('./commands/test.ts');
      process.exitCode = await runTests(paths, options);
    });
}

function addCheck(program: Command): void {
  program
    .command('check <files...>')
    .description('parse, bind and plan files without running anything')
    .helpOption('--help', 'show help')
    .option('--json', 'one JSON object a statement')
    .addOption(new Option('--syntax', 'parse only, by our own grammar').conflicts('dialect'))
    .option('--dialect <name>', 'sql_dialect the files begin with')
    .option('--strict-state', 'a view or sink with state that nothing bounds is an error')
    .addHelpText('after', '\nExamples:\n  fsql check pipeline.sql --strict-state\n  fsql check queries.sql --dialect mysql')
    .action(async (files: readonly string[], options: CheckOptions) => {
      const { runCheck } = await import('./commands/check.ts');
      process.exitCode = await runCheck(files, options);
    });
}

function addImport(program: Command): void {
  program
    .command('import <file>')
    .description("print statements of another system's dialect in the postgres dialect")
    .helpOption('--help', 'show help')
    .requiredOption('--from <dialect>', 'mysql, mariadb, bigquery, snowflake, transactsql, hive, redshift, db2, sqlite, trino or athena')
    .addHelpText('after', '\nExample:\n  fsql import --from mysql queries.sql')
    .action(async (file: string, options: { readonly from: string }) => {
      const { runImport } = await import('./commands/import.ts');
      process.exitCode = await runImport(file, options);
    });
}

function addExplain(program: Command): void {
  program
    .command('explain <file>')
    .description('print the plans of the statements of a file')
    .helpOption('--help', 'show help')
    .addOption(
      new Option('--kind <kind>', 'stage')
        .choices(['logical', 'physical', 'jobgraph', 'codegen', 'changelog', 'state', 'watermark'])
        .default('physical'),
    )
    .addHelpText('after', '\nExample:\n  fsql explain pipeline.sql --kind jobgraph')
    .action(async (file: string, options: { readonly kind: string }) => {
      const { runExplain } = await import('./commands/explain.ts');
      process.exitCode = await runExplain(file, options);
    });
}

function addSavepoint(program: Command): void {
  const savepoint = program.command('savepoint').description('make, look into, check and compare savepoints').helpOption('--help', 'show help');
  savepoint
    .command('create <dir>')
    .description('make a savepoint of a running server, or of a data directory that no server uses')
    .helpOption('--help', 'show help')
    .addOption(new Option('-h, --host <host>', 'the server'))
    .addOption(new Option('-p, --port <port>', 'its port').argParser(positiveInteger))
    .addOption(new Option('--data-dir <dir>', 'the data directory'))
    .addHelpText('after', '\nExamples:\n  fsql savepoint create /backups/monday -p 3775\n  fsql savepoint create /backups/monday --data-dir ./.fsql')
    .action(async (dir: string, options: CreateSavepointOptions) => {
      const { createSavepoint } = await import('./commands/savepoint.ts');
      process.exitCode = await createSavepoint(dir, { ...options, version: VERSION });
    });
  savepoint
    .command('inspect <dir>')
    .description('what is in a savepoint')
    .helpOption('--help', 'show help')
    .option('--json', 'the manifest as it is')
    .action(async (dir: string, options: { readonly json?: boolean }) => {
      const { inspectSavepoint } = await import('./commands/savepoint.ts');
      process.exitCode = await inspectSavepoint(dir, options);
    });
  savepoint
    .command('verify <dir>')
    .description('read all files of a savepoint; exit code 1 when one is missing, damaged or another')
    .helpOption('--help', 'show help')
    .action(async (dir: string) => {
      const { verifySavepoint } = await import('./commands/savepoint.ts');
      process.exitCode = await verifySavepoint(dir);
    });
  savepoint
    .command('diff <first> <second>')
    .description('rows of state that differ; exit code 1 when some do')
    .helpOption('--help', 'show help')
    .action(async (first: string, second: string) => {
      const { compareSavepoints } = await import('./commands/savepoint.ts');
      process.exitCode = await compareSavepoints(first, second);
    });
}

function addBench(program: Command): void {
  program
    .command('bench <suite>')
    .description('measure queries on this machine: nexmark')
    .helpOption('--help', 'show help')
    .option('--events <n>', 'events to read', positiveInteger, 1_000_000)
    .option('--queries <names>', 'some of q0 to q22, with commas (default: all)')
    .addOption(new Option('--source <name>', 'where the events are read from').choices(['file', 'kafka']).default('file'))
    .addOption(new Option('--bootstrap-servers <list>', 'the brokers of --source kafka; a topic is made for the run and deleted'))
    .option('--repeat <n>', 'runs of each query, of which the median is shown', positiveInteger, 1)
    .addOption(slotsOption())
    .option('--json', 'one JSON object a query on standard output')
    .addHelpText(
      'after',
      `
Rates are by the wall clock, and in J: what one core does with a plain JSON.parse loop over the same bytes, measured around each run.

Examples:
  fsql bench nexmark --events 200000 --queries q0,q5
  fsql bench nexmark --source kafka --bootstrap-servers 127.0.0.1:9092 --json`,
    )
    .action(async (suite: string, options: BenchOptions) => {
      const { runBench } = await import('./commands/bench.ts');
      await runBench(suite, options);
    });
}

function addDemo(program: Command): void {
  program
    .command('demo')
    .description('a server with a generated order stream and views on it, shown live')
    .helpOption('--help', 'show help')
    .option('--seconds <n>', 'stop after this many seconds', positiveInteger)
    .addOption(new Option('--port <port>', 'PostgreSQL port, 0 = any').default(3775).argParser(positiveInteger))
    .addOption(new Option('--http-port <port>', 'HTTP port, 0 = any').default(3776).argParser(positiveInteger))
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import('./commands/demo.ts');
      process.exitCode = await runDemo(options);
    });
}
