import { SqlError, SqlState } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import type { PostgresConnection } from './connection.ts';
import { quoted } from './target-table.ts';

const EPOCH_TABLE = 'fsql_sink_epochs';

/** The row a sink has in the target's schema: up to which epoch its rows are there. It is written in the transaction of the rows. */
export class EpochTable {
  readonly #connection: PostgresConnection;
  readonly #name: string;
  readonly #sink: { readonly id: string; readonly name: string };

  constructor(connection: PostgresConnection, schema: string, sink: { readonly id: string; readonly name: string }) {
    this.#connection = connection;
    this.#name = `${quoted(schema)}.${quoted(EPOCH_TABLE)}`;
    this.#sink = sink;
  }

  /** Makes the table where it is not there. */
  async create(): Promise<void> {
    const [[there]] = (await this.#connection.query('SELECT to_regclass($1)', [this.#name])) as [[string | null]];
    if (there !== null) return;
    await this.#connection.query(
      `CREATE TABLE IF NOT EXISTS ${this.#name} (sink text PRIMARY KEY, name text NOT NULL, epoch bigint NOT NULL, owner uuid NOT NULL, committed_at timestamptz NOT NULL)`,
    );
  }

  /** From now on only who knows the text that is returned commits under the sink's identity. */
  async claim(): Promise<string> {
    const [[owner]] = (await this.#connection.query(
      `INSERT INTO ${this.#name} AS e VALUES ($1, $2, 0, gen_random_uuid(), now())
       ON CONFLICT (sink) DO UPDATE SET owner = EXCLUDED.owner, name = EXCLUDED.name RETURNING owner`,
      [this.#sink.id, this.#sink.name],
    )) as [[string]];
    return owner;
  }

  /** The committed epoch, locked until the transaction ends. Errors: 55000 when another writer has claimed the sink. */
  async locked(claimed: string): Promise<Epoch> {
    const rows = await this.#connection.query(`SELECT epoch, owner FROM ${this.#name} WHERE sink = $1 FOR UPDATE`, [this.#sink.id]);
    const [epoch, owner] = rows[0] ?? [null, null];
    if (owner === claimed) return Number(epoch);
    throw new SqlError({
      code: SqlState.objectNotInPrerequisiteState,
      message: `somebody else writes the output of sink "${this.#sink.name}"`,
      detail: `Its row in ${EPOCH_TABLE} has ${owner === null ? 'gone' : 'another owner'}.`,
      hint: 'Two servers over copies of one data directory cannot both write; drop the sink in one of them.',
      class: 'external',
    });
  }

  async advance(epoch: Epoch): Promise<void> {
    await this.#connection.query(`UPDATE ${this.#name} SET epoch = $2, committed_at = now() WHERE sink = $1`, [this.#sink.id, String(epoch)]);
  }
}
