import { SqlError, SqlState } from '../../base/index.ts';
import type { RelationColumn, WatermarkDeclaration } from '../../catalog/index.ts';
import type { Expression } from '../../expr/index.ts';
import { foldIdentifier, type TableElement } from '../../sql/index.ts';
import type { Datum, Interval } from '../../types/index.ts';
import type { StatementBinder } from '../engine/index.ts';
import { columnNamed } from './build-columns.ts';

const MICROS_PER_DAY = 86_400_000_000n;

/**
 * WATERMARK FOR column AS column - INTERVAL '…' (or AS column), with LATENESS of the column. Errors: 42804 where the column is no timestamp, 0A000 where
 * the expression is anything else, since a watermark must be a function of the partition's largest time.
 */
export function buildWatermark(
  elements: readonly TableElement[],
  columns: readonly RelationColumn[],
  binder: StatementBinder,
): WatermarkDeclaration | null {
  const declared = elements.filter((element) => element.kind === 'watermark');
  const declaration = declared[0];
  if (declaration === undefined) return watermarkOfLateness(elements, columns, binder);
  if (declared.length > 1)
    throw new SqlError({ code: SqlState.invalidTableDefinition, message: 'a stream has one watermark', position: declared[1]!.span.start });
  const name = declaration.column.parts.map((part) => foldIdentifier(part)).join('.');
  const column = columnNamed(name, columns, declaration.column.span.start);
  const { type } = columns[column]!;
  if (type.kind !== 'timestamp' && type.kind !== 'timestamptz') {
    throw new SqlError({
      code: SqlState.datatypeMismatch,
      message: `the watermark column "${name}" is not a timestamp`,
      hint: 'Use TIMESTAMP or TIMESTAMPTZ, or a computed column such as to_timestamp(ms / 1000.0).',
      position: declaration.column.span.start,
    });
  }
  const expression = binder.rowExpression(declaration.expression, columns, 'a watermark');
  const delayMicros = delayOf(expression, column);
  if (delayMicros === null) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: 'a watermark is the time column itself or the time column minus a constant interval',
      hint: `Write WATERMARK FOR ${name} AS ${name} - INTERVAL '5 seconds'.`,
      position: declaration.expression.span.start,
    });
  }
  return { column, delayMicros, latenessMicros: latenessOf(elements, name, binder) };
}

/** Feldera has no watermark but LATENESS: how far behind the largest time a row of the column may be. */
function watermarkOfLateness(
  elements: readonly TableElement[],
  columns: readonly RelationColumn[],
  binder: StatementBinder,
): WatermarkDeclaration | null {
  const marked = elements.find((element) => element.kind === 'column-definition' && element.constraints.some((one) => one.kind === 'lateness'));
  if (marked?.kind !== 'column-definition') return null;
  const name = foldIdentifier(marked.name);
  const column = columnNamed(name, columns, marked.name.span.start);
  const { type } = columns[column]!;
  if (type.kind !== 'timestamp' && type.kind !== 'timestamptz') {
    throw new SqlError({
      code: SqlState.datatypeMismatch,
      message: `LATENESS is for a timestamp, and "${name}" is none`,
      position: marked.name.span.start,
    });
  }
  return { column, delayMicros: latenessOf(elements, name, binder), latenessMicros: 0n };
}

function delayOf(expression: Expression, column: number): bigint | null {
  if (expression.kind === 'column') return expression.index === column ? 0n : null;
  if (expression.kind === 'cast') return delayOf(expression.input, column);
  if (expression.kind !== 'call' || !/^timestamp(tz)? - interval /.test(expression.signature)) return null;
  const [time, interval] = expression.args;
  if (time?.kind !== 'column' || time.index !== column || interval?.kind !== 'literal' || interval.value === null) return null;
  return intervalMicros(interval.value);
}

/** Microseconds of an interval without months; null with months, whose length depends on the date. */
function intervalMicros(value: Datum): bigint | null {
  const interval = value as Interval;
  return interval.months === 0 ? BigInt(interval.days) * MICROS_PER_DAY + interval.micros : null;
}

function latenessOf(elements: readonly TableElement[], name: string, binder: StatementBinder): bigint {
  for (const element of elements) {
    if (element.kind !== 'column-definition' || foldIdentifier(element.name) !== name) continue;
    const lateness = element.constraints.find((constraint) => constraint.kind === 'lateness');
    if (lateness === undefined) continue;
    const value = binder.constant(lateness.expression, { kind: 'interval' }, 'LATENESS');
    const micros = value === null ? null : intervalMicros(value);
    if (micros !== null) return micros;
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: 'LATENESS is an interval without months',
      position: lateness.expression.span.start,
    });
  }
  return 0n;
}
