import { assert, SqlError, SqlState, toSqlError } from '../../base/index.ts';
import { type Batch, rowsOf } from '../../batch/index.ts';
import { type Relation, relationKeys } from '../../catalog/index.ts';
import { compileRowInterpreter, type Expression } from '../../expr/index.ts';
import { type BoundInsert, bindInsert } from '../../plan/index.ts';
import {
  type CopyStatement,
  foldIdentifier,
  type Identifier,
  type InsertStatement,
  parseStatement,
  type Query,
  quoteIdentifier,
  quoteRelation,
} from '../../sql/index.ts';
import type { Datum } from '../../types/index.ts';
import type { CopyInResult, ResultField, StatementResult } from '../contract.ts';
import { columnNamed } from '../ddl/build-columns.ts';
import { requireRelation } from '../ddl/object-name.ts';
import type { Row } from '../engine/index.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext, StatementHandler } from '../statement-context.ts';
import { copyFormat } from './copy-format.ts';
import { executeStatement } from './dispatch.ts';
import { lockForWriting, writtenTable } from './modify.ts';
import { type CheckRow, rowRules } from './row-rules.ts';

/** COPY … TO STDOUT of a relation, a query or a subscription; COPY … FROM STDIN into a table or an embedded stream. */
export const copy: StatementHandler<'copy'> = {
  kind: 'copy',
  async execute(statement, context) {
    refuseFiles(statement);
    return statement.direction === 'to' ? copyOut(statement, context) : copyIn(statement, context);
  },
};

function refuseFiles(statement: CopyStatement): void {
  if (statement.target.type === 'stdin' || statement.target.type === 'stdout') return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: 'COPY to or from a file of the server is not supported',
    hint: "Use psql's \\copy, which reads and writes files of the client.",
    position: statement.target.span.start,
  });
}

async function copyOut(statement: CopyStatement, context: StatementContext): Promise<StatementResult> {
  const inner = statement.source.kind === 'copy-query' ? statement.source.statement : tableQuery(statement.source);
  const result = await executeStatement({ ...context, parsed: { ...context.parsed, statement: inner } });
  if (result.kind !== 'rows')
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: 'COPY query must have a RETURNING clause',
      position: statement.source.span.start,
    });
  return { kind: 'copy-out', fields: result.fields, format: copyFormat(statement, result.fields), batches: result.batches };
}

/** COPY t (a, b) TO is a SELECT of these columns. */
function tableQuery(source: Extract<CopyStatement['source'], { readonly kind: 'copy-relation' }>): Query {
  const quoted = (identifier: Identifier): string => quoteIdentifier(foldIdentifier(identifier));
  const name = source.name.parts.map(quoted).join('.');
  const columns = source.columns.length === 0 ? '*' : source.columns.map(quoted).join(', ');
  return parseStatement(`SELECT ${columns} FROM ${name}`) as Query;
}

async function copyIn(statement: CopyStatement, context: StatementContext): Promise<CopyInResult> {
  if (statement.source.kind !== 'copy-relation')
    throw new SqlError({ code: SqlState.syntaxError, message: 'COPY FROM needs a relation', position: statement.source.span.start });
  if (statement.where !== null)
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: 'COPY FROM … WHERE is not supported yet',
      position: statement.where.span.start,
    });
  const relation = requireRelation(statement.source.name, context);
  const positions = writtenColumns(statement, relation);
  const bound = bindInsert(defaultsInsert(relation), binderOf(context).context);
  if (relation.options !== null) {
    throw new SqlError({
      code: SqlState.wrongObjectType,
      message: `cannot copy to stream "${relation.name}": it belongs to connector "${relation.options.get('connector')}"`,
      position: statement.source.span.start,
    });
  }
  await lockForWriting(relation, context);
  const fields = positions.map((position): ResultField => {
    const { name, type } = relation.columns[position]!;
    return { name, type, relationOid: relation.oid, columnNumber: position + 1 };
  });
  return new CopyReceiver({ relation, positions, bound, context }).result(fields, copyFormat(statement, fields));
}

function writtenColumns(statement: CopyStatement, relation: Relation): readonly number[] {
  if (statement.source.kind === 'copy-relation' && statement.source.columns.length > 0) {
    return statement.source.columns.map((column) => columnNamed(foldIdentifier(column), relation.columns, column.span.start));
  }
  return relation.columns.flatMap((column, index) => (column.source.kind === 'physical' ? [index] : []));
}

/** A row of defaults, for columns the data does not have: what INSERT … DEFAULT VALUES would store. */
function defaultsInsert(relation: Relation): InsertStatement {
  return parseStatement(`INSERT INTO ${quoteRelation(relation)} DEFAULT VALUES`) as InsertStatement;
}

/** Collects copied rows and hands them to the transaction when the data is complete. */
class CopyReceiver {
  readonly #relation: Relation;
  readonly #complete: (values: readonly (Datum | null)[]) => Row;
  readonly #context: StatementContext;
  readonly #checkRow: CheckRow;
  readonly #rows: Row[] = [];
  readonly #lines: number[] = [];

  constructor(parts: {
    readonly relation: Relation;
    readonly positions: readonly number[];
    readonly bound: BoundInsert;
    readonly context: StatementContext;
  }) {
    this.#relation = parts.relation;
    this.#complete = rowCompletion(parts.bound, parts.positions, parts.context);
    this.#context = parts.context;
    this.#checkRow = rowRules(parts.bound, parts.context);
  }

  result(fields: readonly ResultField[], format: CopyInResult['format']): CopyInResult {
    return {
      kind: 'copy-in',
      relationName: this.#relation.name,
      fields,
      format,
      write: async (batch, lines) => this.#write(batch, lines),
      finish: () => this.#finish(),
      abort: async () => {
        this.#rows.length = 0;
      },
    };
  }

  #write(batch: Batch, lines: readonly number[]): void {
    const first = this.#rows.length;
    for (const values of rowsOf(batch)) this.#rows.push(this.#complete(values));
    for (const line of lines) this.#lines.push(line);
    for (let index = first; index < this.#rows.length; index++) this.#at(index, () => this.#checkRow(this.#rows[index]!));
  }

  /** Adds to an error which line it is about. */
  #at(index: number, check: () => void): void {
    try {
      check();
    } catch (error) {
      throw toSqlError(error).with({ where: `COPY ${this.#relation.name}, line ${this.#lines[index]}` });
    }
  }

  async #finish(): Promise<string> {
    if (relationKeys(this.#relation).length > 0) {
      const table = await writtenTable(this.#relation, this.#context);
      this.#rows.forEach((row, index) => this.#at(index, () => table.change([], [row])));
    }
    this.#context.session.transaction!.add({ relation: this.#relation, removed: [], added: this.#rows });
    return `COPY ${this.#rows.length}`;
  }
}

/** From the values of the data to a row: the other columns get what INSERT … DEFAULT VALUES would give them, computed ones what they compute. */
function rowCompletion(
  { plan, relation }: BoundInsert,
  positions: readonly number[],
  context: StatementContext,
): (values: readonly (Datum | null)[]) => Row {
  const { evaluation } = binderOf(context).context;
  const compile = (expression: Expression): ((row: Row) => Datum | null) => {
    const evaluate = compileRowInterpreter(expression, context.engine.registries.lookup);
    return (row) => evaluate(row, evaluation);
  };
  const values = plan.kind === 'project' ? plan.input : plan;
  assert(values.kind === 'values', 'a row of defaults is written out');
  const defaults = values.rows[0]!.map((expression, index) => (positions.includes(index) ? () => null : compile(expression)));
  const expressions = plan.kind === 'project' ? plan.expressions : [];
  const computations = expressions.flatMap((expression, index) =>
    relation.columns[index]!.source.kind === 'computed' ? [{ index, compute: compile(expression) }] : [],
  );
  return (given) => {
    const row = defaults.map((value) => value([]));
    positions.forEach((position, index) => {
      row[position] = given[index] ?? null;
    });
    const results = computations.map(({ compute }) => compute(row));
    computations.forEach(({ index }, at) => {
      row[index] = results[at]!;
    });
    return row;
  };
}
