import { SqlError } from '../../base/index.ts';
import type { RealPostgres, TextTable } from '../../functions/testing/real-postgres.ts';
import { type Datum, parseDatum, typeOid } from '../../types/index.ts';
import { type LogicalPlan, verifyLogicalPlan } from '../logical/index.ts';
import { optimize } from '../optimizer/index.ts';
import type { Row } from '../reference/index.ts';
import { differentialRelations } from './differential-tables.ts';
import { aggregates, bindText, evaluation, formatRows, lookup, runPlan } from './plan-fixture.ts';

/** One side's answer as lines of text: a line of names and types and the rows, or the error. */
export type Answer = readonly string[];

/** The contents of the tables, read from PostgreSQL so that both sides hold the same. */
export async function loadRows(postgres: RealPostgres): Promise<Record<string, readonly Row[]>> {
  const data: Record<string, readonly Row[]> = {};
  for (const relation of differentialRelations) {
    const { rows } = await postgres.table(`SELECT * FROM ${relation.name}`);
    data[relation.name] = rows.map((row) =>
      row.map((text, index): Datum | null => (text === null ? null : parseDatum(relation.columns[index]!.type, text))),
    );
  }
  return data;
}

export async function answerOfPostgres(sql: string, postgres: RealPostgres): Promise<Answer> {
  let table: TextTable;
  try {
    table = await postgres.table(sql);
  } catch (error) {
    const { code, message, position } = error as { code: string; message: string; position?: string };
    return [errorLine(code, message, position === undefined ? undefined : Number(position) - 1)];
  }
  const header = table.names.map((name, index) => `${name}:${table.oids[index]}`).join('|');
  return [
    header,
    ...inOrder(
      sql,
      table.rows.map((row) => row.map((text) => text ?? 'NULL').join('|')),
    ),
  ];
}

/** Our answer by the plan as bound, or as optimized to run once or for a view. */
export async function ownAnswer(
  sql: string,
  data: Readonly<Record<string, readonly Row[]>>,
  optimized: 'as bound' | 'once' | 'continuous',
): Promise<Answer> {
  try {
    const bound = bindText(sql, differentialRelations).plan;
    verifyLogicalPlan(bound);
    const plan: LogicalPlan =
      optimized === 'as bound' ? bound : optimize(bound, { functions: lookup, aggregates, continuous: optimized === 'continuous', evaluation });
    const rows = await runPlan(plan, data);
    const header = bound.fields.map((field) => `${field.name}:${typeOid(field.type)}`).join('|');
    return [header, ...inOrder(sql, formatRows(rows, bound))];
  } catch (error) {
    if (error instanceof SqlError) return [errorLine(error.code, error.message, error.position)];
    throw error;
  }
}

/** Ours point at places where PostgreSQL gives none, and at the operand where it points at the keyword IN. */
export function withoutExtraPosition(own: Answer, expected: Answer): Answer {
  const position = / at \d+$/;
  if (own.length !== 1 || expected.length !== 1) return own;
  const lost = !position.test(expected[0]!) || expected[0]!.includes('subquery has too many columns');
  return lost ? [own[0]!.replace(position, position.exec(expected[0]!)?.[0] ?? '')] : own;
}

function errorLine(code: string, message: string, position: number | undefined): string {
  return `ERROR ${code} ${message}${position === undefined ? '' : ` at ${position}`}`;
}

function inOrder(sql: string, lines: readonly string[]): readonly string[] {
  return /ORDER BY [^()]*$/.test(sql) ? lines : [...lines].sort();
}
