import { systemRelations } from '../../catalog/index.ts';
import { formatType } from '../../types/index.ts';
import { code, page, table, words } from './markdown.ts';

/** What each relation of fsql_catalog is about; a test keeps the list complete. */
const relationGuide: Readonly<Record<string, string>> = {
  jobs: 'One row a job: every stream that is read, view and sink. `state` is one of CREATED, SCHEDULED, RUNNING, FINISHED, FAILING, RESTARTING, FAILED, CANCELING, CANCELED, SUSPENDED.',
  job_vertices: 'One row a chain of a job: its operators, what has gone in and out, and how busy its subtasks were of late.',
  subtasks: 'One row a subtask of a chain, with the slot it is in.',
  task_managers: 'One row a process with slots. `local` is the server itself; `address` is where another process takes rows.',
  slots: 'One row a slot, with the jobs that have subtasks in it.',
  epochs: 'The newest epochs: what asked for each (`interval` or `statement`) and how long it took until every relation was complete.',
  checkpoints: 'The newest checkpoints: what asked for each, what it took and, of one that was given up, why.',
  savepoints: 'Savepoints made since the server started, the last hundred.',
  source_partitions:
    'One row a partition that is read: position, end, lag, watermark, and in `problem` what its reader is retrying just now. `oldest_offset` is the first offset that can still be ' +
    'read (Kafka: where the partition began when rows last came), so a view made now begins there at the earliest. `oldest_at` is for embedded streams with a `retention`: rows written ' +
    'since then are there, older ones are gone or about to go.',
  sink_progress:
    'How far each sink is: the epoch up to which everything is committed, what is held back for a checkpoint or a commit, and the marker, which is what the output itself says (exactly-once delivery).',
  operator_state:
    'One row a state table of an operator: keys, `bytes` in memory, `spilled_bytes` on the disk of its slots, and by what it is bounded.',
  backfills:
    'What is being created, or put in the place of what was there, and is not there yet: one row an input that it reads, one in all before that is known. `phase` is `waiting` (`waits_for` says for what), ' +
    '`waiting for slots`, `starting`, `reading` (what the input held at `epoch`), `catching up` (all of that has been sent; it is worked through, with what has changed meanwhile) or `publishing` (its first checkpoint is ' +
    'made). Of tables, embedded streams and views there are rows, each counted once however often it is there; of other streams offsets, summed over partitions (of files bytes), from where the stream begins to where its reader stands. `percent` is ' +
    'of one or the other. `offsets_resumed`: how many of them had been read when it went on after a crash or failure; `offsets_kept`: how many the newest checkpoint has, which a crash does not take back. `background`: made under `background_ddl`; `error` is why it is tried again then. Figures of slots are up to a second old.',
  restored_state:
    'What became of the state in the checkpoint or savepoint that this server started from, one row an operator with state: `restored` with what was loaded, `new` with where its rows ' +
    'come from instead, or `dropped` (of a relation that is not defined any more, or that is built anew; counted where `--allow-dropped-state` dropped it). Empty where it started without one.',
  relations: 'One row a stream, table, view, materialized view and sink, with the statement that made it.',
  settings: "Every setting with this session's value.",
};

/** fsql_catalog with its columns, and where the rest is. */
export function systemRelationsPage(): string {
  const all = systemRelations({}).map((one) => one.relation);
  const own = all.filter((relation) => relation.schema === 'fsql_catalog');
  const count = (schema: string): number => all.filter((relation) => relation.schema === schema).length;
  const sections = own.map((relation) => {
    const guide = relationGuide[relation.name];
    if (guide === undefined) throw new Error(`fsql_catalog.${relation.name} has no description`);
    const rows = relation.columns.map((column) => [code(column.name), words(formatType(column.type)), column.nullable ? '' : 'not null']);
    return `## ${relation.name}\n\n${guide}\n\n${table(['Column', 'Type', ''], rows)}`;
  });
  return page(
    'System relations',
    'Schema `fsql_catalog` is the last one on every search path: `SELECT * FROM jobs` means it, unless there is a table `jobs` of your own. Times are wall clock but for `watermark`, which is event time. ' +
      `Beside it there are the ${count('pg_catalog')} relations of PostgreSQL 18's \`pg_catalog\` and the ${count('information_schema')} of \`information_schema\`, with PostgreSQL's columns and types; ` +
      'those fsql has nothing for are empty, so that tools which join them get an answer.',
    sections,
  );
}
