import { SqlError, SqlState } from '../base/index.ts';
import { type Batch, readDatum } from '../batch/index.ts';
import { isIntegerType } from '../types/index.ts';
import type { SinkContext } from './connector-definition.ts';
import type { OptionDefinition } from './option-definition.ts';

const PARTITIONER = 'sink.partitioner';
const PARTITION_COLUMN = 'sink.partition-column';

/** For connectors whose topics have partitions. */
export const partitionOptions: readonly OptionDefinition[] = [
  {
    name: PARTITIONER,
    type: 'choice',
    choices: ['default', 'fixed', 'round-robin'],
    default: 'default',
    description:
      'Which partition a record goes to. default: by its key as the Java client does, without a key many in a row to each; fixed: each subtask writes to one; round-robin: the next one each time.',
  },
  {
    name: PARTITION_COLUMN,
    type: 'text',
    description:
      "Column of whole numbers whose value, modulo the number of partitions, is the record's partition, and no part of its value. Where it is NULL, sink.partitioner says it.",
  },
];

type Shape = Pick<SinkContext, 'columns' | 'options' | 'key' | 'appends'>;

/** Position of the column that is the record's partition; null without one. Errors: 42703 for a column that is not there, 42804 for one that is no whole number. */
export function partitionColumn({ columns, options }: Pick<Shape, 'columns' | 'options'>): number | null {
  const name = options.get(PARTITION_COLUMN);
  if (name === undefined) return null;
  const position = columns.findIndex((column) => column.name === name);
  if (position < 0)
    throw new SqlError({ code: SqlState.undefinedColumn, message: `column "${name}" named in option "${PARTITION_COLUMN}" does not exist` });
  if (isIntegerType(columns[position]!.type)) return position;
  throw new SqlError({ code: SqlState.datatypeMismatch, message: `column "${name}" named in option "${PARTITION_COLUMN}" is no whole number` });
}

/** Errors: those of `partitionColumn`; 0A000 where records of one key, of which the newest counts, would not stay in one partition. */
export function checkPartitioner(shape: Shape): void {
  const column = partitionColumn(shape);
  const partitioner = shape.options.get(PARTITIONER) ?? 'default';
  if (shape.key === null || shape.appends === true || (column === null && partitioner === 'default')) return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `${column === null ? `${PARTITIONER} = '${partitioner}'` : PARTITION_COLUMN} is not supported with a key: a key's records have to stay in one partition`,
    hint: 'Leave it out, and they go by their key.',
  });
}

/** What the options of a sink say of the partitions of records. */
export class RecordPartitions {
  readonly #column: number | null;
  readonly #partitioner: string;
  readonly #subtask: number;
  #sent = 0;

  constructor(context: Shape & Pick<SinkContext, 'subtaskIndex'>) {
    this.#column = partitionColumn(context);
    this.#partitioner = context.options.get(PARTITIONER) ?? 'default';
    this.#subtask = context.subtaskIndex;
  }

  /** The partition of one record of the row; -1: as the connector has it. */
  next(batch: Batch, row: number, partitionCount: number): number {
    const named = this.#column === null ? null : readDatum(batch.columns[this.#column]!, row);
    if (named !== null) return modulo(BigInt(named as number | bigint), partitionCount);
    if (this.#partitioner === 'fixed') return this.#subtask % partitionCount;
    return this.#partitioner === 'round-robin' ? this.#sent++ % partitionCount : -1;
  }
}

/** Never negative. */
function modulo(value: bigint, count: number): number {
  const divisor = BigInt(count);
  return Number(((value % divisor) + divisor) % divisor);
}
