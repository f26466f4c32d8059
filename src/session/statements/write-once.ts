import { batchFromRows } from '../../batch/index.ts';
import type { Relation } from '../../catalog/index.ts';
import type { Row } from '../engine/index.ts';
import { cancellable, type StatementContext } from '../statement-context.ts';

/**
 * Hands rows to the connector of a relation and returns when the other side has them. They are not part of any epoch: a crash before it returns may have
 * written them or not, as with any client of that system.
 */
export async function writeOnce(relation: Relation, rows: readonly Row[], context: StatementContext): Promise<void> {
  const { engine, signal } = context;
  const options = engine.parts.bindConnector(relation.options!);
  const written = relation.columns.flatMap((column, index) => (column.source.kind === 'physical' ? [index] : []));
  const columns = written.map((index) => ({ name: relation.columns[index]!.externalName, type: relation.columns[index]!.type }));
  const number = engine.catalog.allocateOid();
  let ring: () => void = () => undefined;
  const awake = (): Promise<void> => cancellable(new Promise<void>((resolve) => (ring = resolve)), signal);
  const writer = engine.registries.connectors.get(options.get('connector')!)!.sink!.createWriter({
    sink: `insert_${number}`,
    job: null,
    options,
    columns,
    key: keyColumns(relation)?.map((index) => written.indexOf(index)) ?? null,
    formats: engine.registries.formats,
    clock: engine.clock,
    logger: engine.logger,
    subtaskIndex: 0,
    parallelism: 1,
    wake: () => ring(),
    tableDelivery: null,
  });
  try {
    await cancellable(writer.recover(0, []), signal);
    while (!writer.ready()) await awake();
    const types = columns.map((column) => column.type);
    writer.write(
      number,
      batchFromRows(
        types,
        rows.map((row) => written.map((index) => row[index] ?? null)),
      ),
    );
    while (!writer.flushed(number)) await awake();
    const committable = writer.prepare(number);
    if (committable !== null) await cancellable(writer.commit(number, committable), signal);
  } finally {
    await writer.close();
  }
}

/** Columns that are the message's key: those of the primary key, or those a stream names. */
function keyColumns(relation: Relation): readonly number[] | null {
  const named = relation.options!.get('primary_key');
  if (relation.primaryKey !== null || named === undefined) return relation.primaryKey;
  return named.split(/[,;]/).map((name) => relation.columns.findIndex((column) => isNamed(column, name.trim())));
}

function isNamed(column: Relation['columns'][number], name: string): boolean {
  return column.name === name || column.externalName === name;
}
