import type { Client } from 'pg';
import { SqlError, SqlState } from '../../base/index.ts';
import type { Server } from './options.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/** A value as PostgreSQL reads it; an array of them is a parameter of type text[]. */
export type TextValue = string | null;

/** One connection to a PostgreSQL server. After an error of the connection it is of no use any more. */
export class PostgresConnection {
  readonly #client: Client;
  readonly #place: string;
  #lost: unknown = null;

  private constructor(client: Client, place: string) {
    this.#client = client;
    this.#place = place;
    client.on('error', (error) => {
      this.#lost ??= error;
    });
  }

  /** Errors: 08006 when the server cannot be reached, else its own (28P01, 3D000, …). */
  static async open(server: Server): Promise<PostgresConnection> {
    const { default: pg } = await import('pg');
    const { sslMode, ...address } = server;
    const client = new pg.Client({
      ...address,
      database: address.database ?? address.user,
      // Without one the client would look for it in files and variables of the machine.
      password: address.password ?? '',
      ssl: sslMode === 'disable' ? false : { rejectUnauthorized: sslMode === 'verify-full' },
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      application_name: 'fsql',
      types: { getTypeParser: () => (value: string) => value },
    });
    const connection = new PostgresConnection(client, `${server.host}:${server.port}`);
    try {
      await client.connect();
      // Texts mean the same whatever the server's settings.
      await client.query("SET TIME ZONE 'UTC'; SET DateStyle = 'ISO, MDY'; SET IntervalStyle = 'postgres'; SET standard_conforming_strings = on");
      return connection;
    } catch (error) {
      await connection.close();
      throw connection.#errorOf(error);
    }
  }

  /** Rows as texts. */
  async query(text: string, values: readonly (TextValue | readonly TextValue[])[] = []): Promise<readonly (readonly TextValue[])[]> {
    if (this.#lost !== null) throw this.#errorOf(this.#lost);
    try {
      const result = await this.#client.query({ text, values: [...values], rowMode: 'array' });
      return result.rows as TextValue[][];
    } catch (error) {
      throw this.#errorOf(error);
    }
  }

  /** Runs `work` as one transaction: all of it, or nothing when it throws. */
  async transaction(work: () => Promise<void>): Promise<void> {
    await this.query('BEGIN');
    try {
      await work();
      await this.query('COMMIT');
    } catch (error) {
      await this.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }

  /** Connection lost, or an error of the server: then with its code, detail and hint. */
  #errorOf(error: unknown): SqlError {
    const { code = '', message, detail, hint, column, constraint } = error as Partial<Record<string, string>>;
    const known = Object.values(SqlState).find((state) => state === code);
    const isServers = /^[0-9A-Z]{5}$/.test(code) && (error as { severity?: string }).severity !== undefined;
    if (!isServers) {
      return new SqlError({
        code: SqlState.connectionFailure,
        message: `PostgreSQL at ${this.#place} cannot be reached: ${message || code}`,
        class: 'external',
        cause: error,
      });
    }
    return new SqlError({
      code: known ?? SqlState.externalSystemError,
      message: `PostgreSQL at ${this.#place}: ${message}`,
      detail,
      hint,
      column,
      constraint,
      class: /^(08|40|53|55|57|58)/.test(code) ? 'external' : 'user',
      cause: error,
    });
  }
}
