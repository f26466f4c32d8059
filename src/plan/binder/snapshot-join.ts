import { SqlError, SqlState } from '../../base/index.ts';
import { type DescriptorArgument, type FromItem, type FunctionCall, foldIdentifier, type Span, type TableReference } from '../../sql/index.ts';
import type { QueryEnvironment } from './bind-state.ts';
import { datatypeMismatch, notSupported, syntaxError, typeText } from './binder-error.ts';
import type { RowScope } from './row-scope.ts';

const SNAPSHOT = 'snapshot';

/** LATERAL SNAPSHOT(input => TABLE r, on_time => DESCRIPTOR(t)) on the right of a join. */
export interface SnapshotSide {
  readonly table: TableReference;
  /** The time of the table's rows. They are joined as they are in an epoch, so it has no effect. */
  readonly onTime: DescriptorArgument | null;
}

/** Null for any other item, and for a function of the user's of that name. Errors: 42601, 0A000 for what says when the table has been loaded. */
export function snapshotSide(item: FromItem, { state }: QueryEnvironment): SnapshotSide | null {
  if (item.kind !== 'table-function' || item.calls.length !== 1) return null;
  const call = item.calls[0]!;
  if (foldIdentifier(call.name.parts.at(-1)!) !== SNAPSHOT) return null;
  const { functions } = state.context;
  if (functions.functions(SNAPSHOT).length > 0 || functions.tableFunctions(SNAPSHOT).length > 0) return null;
  const { input, onTime } = argumentsOf(call);
  if (input.partitionBy.length > 0 || input.orderBy.length > 0 || input.source.kind !== 'qualified-name') {
    throw notSupported('SNAPSHOT takes a table by its name', input.span, 'Make the query a view, and name that.');
  }
  const table: TableReference = {
    kind: 'table-reference',
    name: input.source,
    only: false,
    alias: item.alias,
    systemTime: null,
    sample: null,
    hints: [],
    span: item.span,
  };
  return { table, onTime };
}

function argumentsOf(call: FunctionCall) {
  const values = new Map(call.arguments.map(({ name, value }, index) => [name === null ? ['input', 'on_time'][index] : foldIdentifier(name), value]));
  for (const [name, { span }] of values) if (name !== 'input' && name !== 'on_time') throw unknownArgument(name, span);
  const input = values.get('input');
  const onTime = values.get('on_time') ?? null;
  if (input?.kind !== 'table-argument') throw syntaxError('SNAPSHOT requires a table', call.span, 'Write SNAPSHOT(input => TABLE r).');
  if (onTime !== null && onTime.kind !== 'descriptor') throw syntaxError('on_time requires a column', onTime.span, 'Write on_time => DESCRIPTOR(t).');
  return { input, onTime };
}

function unknownArgument(name: string | undefined, span: Span): SqlError {
  return notSupported(
    `SNAPSHOT with ${name === undefined ? 'a third argument' : `"${name}"`} is not supported`,
    span,
    'It takes input and on_time. Nothing has to be said about loading: a view begins with all that the table holds in its first epoch.',
  );
}

/** Errors: 42703, 42804 when the time that is named is none of the table's. */
export function requireTimeColumn({ columns, span }: DescriptorArgument, row: RowScope): void {
  for (const written of columns) {
    const name = foldIdentifier(written);
    const column = row.columns.find((one) => one.name === name);
    if (column === undefined)
      throw new SqlError({
        code: SqlState.undefinedColumn,
        message: `column "${name}" does not exist in the table of SNAPSHOT`,
        position: span.start,
      });
    const { type } = column.expression;
    if (type.kind !== 'timestamp' && type.kind !== 'timestamptz')
      throw datatypeMismatch(`on_time of SNAPSHOT must be a timestamp, not ${typeText(type)}`, span);
  }
}
