import { batchFromRows } from '../../batch/index.ts';
import type { Relation } from '../../catalog/index.ts';
import { messageKey, writtenColumns, writtenOptions } from '../ddl/written-columns.ts';
import type { Row } from '../engine/index.ts';
import { cancellable, type StatementContext } from '../statement-context.ts';

/**
 * Hands rows to the connector of a relation and returns when the other side has them. They are not part of any epoch: a crash before it returns may have
 * written them or not, as with any client of that system.
 */
export async function writeOnce(relation: Relation, rows: readonly Row[], context: StatementContext): Promise<void> {
  const { engine, signal } = context;
  const options = engine.parts.bindConnector(writtenOptions(relation));
  const written = writtenColumns(relation);
  const columns = written.map((index) => ({ name: relation.columns[index]!.externalName, type: relation.columns[index]!.type }));
  const number = engine.catalog.allocateOid();
  let ring: () => void = () => undefined;
  const awake = (): Promise<void> => cancellable(new Promise<void>((resolve) => (ring = resolve)), signal);
  const writer = engine.registries.connectors.get(options.get('connector')!)!.sink!.createWriter({
    sink: `insert_${number}`,
    job: null,
    options,
    columns,
    key: (relation.primaryKey ?? messageKey(relation))?.map((index) => written.indexOf(index)) ?? null,
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
