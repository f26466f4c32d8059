import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from '../testing/index.ts';
import { ConnectionLostError, type ResultColumn, type ResultReceiver, ServerConnection, ServerError, type ServerMessage } from './index.ts';

let server: TestServer;
let connection: ServerConnection;
const notices: ServerMessage[] = [];

beforeAll(async () => {
  server = await openTestServer();
  connection = await open();
});

afterAll(async () => {
  connection.close();
  await server.close();
});

function open(): Promise<ServerConnection> {
  return ServerConnection.open({ dial: () => server.dialSocket(), user: 'fsql', database: 'fsql', onNotice: (notice) => notices.push(notice) });
}

/** Writes down everything that comes. */
class Recorder implements ResultReceiver {
  readonly columnNames: string[][] = [];
  readonly received: (readonly (string | null)[])[] = [];
  readonly tags: string[] = [];
  copied = '';
  data: string[] = [];
  onRows: () => Promise<void> = async () => undefined;

  columns(columns: readonly ResultColumn[]): void {
    this.columnNames.push(columns.map((column) => column.name));
  }

  async rows(rows: readonly (readonly (string | null)[])[]): Promise<void> {
    this.received.push(...rows);
    await this.onRows();
  }

  async complete(tag: string): Promise<void> {
    this.tags.push(tag);
  }

  async copyOut(chunk: Buffer): Promise<void> {
    this.copied += chunk.toString();
  }

  async *copyIn(): AsyncGenerator<string> {
    yield* this.data;
  }
}

describe('over a socket', { timeout: 30_000 }, () => {
  it('runs every statement of a text and reports each result', async () => {
    const recorder = new Recorder();
    await connection.run("SELECT 1 AS a, NULL AS b; CREATE TABLE w (a int); SELECT 'x' AS c", recorder);
    expect(recorder.columnNames).toEqual([['a', 'b'], ['c']]);
    expect(recorder.received).toEqual([['1', null], ['x']]);
    expect(recorder.tags).toEqual(['SELECT 1', 'CREATE TABLE', 'SELECT 1']);
    expect(connection.parameters.get('server_version')).toMatch(/^18/);
  });

  it('rejects with every field of the error and stays usable', async () => {
    const error = await connection.run('INSERT INTO w VALUES (1), (1/0)', new Recorder()).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(ServerError);
    expect((error as ServerError).fields).toMatchObject({ severity: 'ERROR', code: '22012', message: 'division by zero' });
    const recorder = new Recorder();
    await connection.run('SELECT 2', recorder);
    expect(recorder.received).toEqual([['2']]);
  });

  it('follows the transaction', async () => {
    expect(connection.transactionStatus).toBe('I');
    await connection.run('BEGIN', new Recorder());
    expect(connection.transactionStatus).toBe('T');
    await connection.run('SELECT nothing', new Recorder()).catch(() => undefined);
    expect(connection.transactionStatus).toBe('E');
    await connection.run('ROLLBACK', new Recorder());
    expect(connection.transactionStatus).toBe('I');
  });

  it('hands notices on', async () => {
    notices.length = 0;
    await connection.run('DROP TABLE IF EXISTS not_there', new Recorder());
    expect(notices).toMatchObject([{ severity: 'NOTICE', message: 'table "not_there" does not exist, skipping' }]);
  });

  it('copies in and out, and gives a copy up when its data fails', async () => {
    const recorder = new Recorder();
    recorder.data = ['1\n2', '\n', '3\n'];
    await connection.run('COPY w FROM STDIN', recorder);
    await connection.run('COPY (SELECT a FROM w ORDER BY a) TO STDOUT', recorder);
    expect(recorder).toMatchObject({ tags: ['COPY 3', 'COPY 3'], copied: '1\n2\n3\n' });
    recorder.copyIn = async function* () {
      yield '4\n';
      throw new Error('disk on fire');
    };
    await expect(connection.run('COPY w FROM STDIN', recorder)).rejects.toThrow('COPY from stdin failed: disk on fire');
  });

  it('holds the server back while rows are not taken', async () => {
    const recorder = new Recorder();
    let pauses = 0;
    recorder.onRows = async () => {
      if (pauses++ < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await connection.run('SELECT n FROM generate_series(1, 50000) AS t(n)', recorder);
    expect(recorder.received).toHaveLength(50_000);
    expect(recorder.received.at(-1)).toEqual(['50000']);
  });

  it('cancels with its key', async () => {
    const recorder = new Recorder();
    const running = connection.run('SUBSCRIBE w WITH (SNAPSHOT)', recorder);
    recorder.onRows = () => connection.cancel();
    await expect(running).rejects.toThrow('canceling statement due to user request');
  });
});

it('says when the server is gone', async () => {
  const deaf = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
  const address = deaf.address() as { port: number };
  const { connect } = await import('node:net');
  const dial = async () => connect({ host: '127.0.0.1', port: address.port });
  await expect(ServerConnection.open({ dial, user: 'fsql', database: 'fsql', onNotice: () => undefined })).rejects.toBeInstanceOf(
    ConnectionLostError,
  );
  deaf.close();
});
